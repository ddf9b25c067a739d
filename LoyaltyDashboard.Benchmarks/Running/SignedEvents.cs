using System.Security.Cryptography;
using System.Text;
using LoyaltyDashboard.Sandbox;

namespace LoyaltyDashboard.Benchmarks.Running;

/// <summary>Webhooks ready to be sent, signed before the clock runs, with a key that lives as long as this program.</summary>
internal sealed class SignedEvents : IDisposable
{
    private readonly RSA _key = RSA.Create(2048);

    /// <summary>The public half, for <c>Wix:PublicKeys</c>.</summary>
    public string PublicKeyPem => _key.ExportSubjectPublicKeyInfoPem();

    /// <summary>Signs distinct events on all cores.</summary>
    /// <param name="count">How many.</param>
    /// <param name="first">The number of the first; the same number is the same event.</param>
    /// <param name="issued">When they are said to be signed; now unless given.</param>
    /// <param name="announce">Makes an event of its number and time; an invented one unless given.</param>
    public IReadOnlyList<SignedEvent> Sign(int count, int first = 0, DateTimeOffset? issued = null, Func<int, DateTimeOffset, SandboxEvent>? announce = null)
    {
        var signed = new SignedEvent[count];
        var now = issued ?? DateTimeOffset.UtcNow;
        var privateKey = _key.ExportParameters(true);
        Parallel.For(0, Environment.ProcessorCount, worker =>
        {
            // An RSA object is not for two threads.
            using var key = RSA.Create(privateKey);
            var signer = new WebhookSigner(key);
            for (var i = worker; i < count; i += Environment.ProcessorCount)
            {
                var announced = (announce ?? InventedEvents.Announce)(first + i, now);
                signed[i] = new(announced.EventId, announced.ImportId, Encoding.ASCII.GetBytes(signer.Sign(announced, now)));
            }
        });
        return signed;
    }

    /// <summary>Signs one event that is not one of the numbered.</summary>
    public SignedEvent Sign(SandboxEvent announced) => new(announced.EventId, announced.ImportId, Encoding.ASCII.GetBytes(new WebhookSigner(_key).Sign(announced, DateTimeOffset.UtcNow)));

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}

/// <summary>A webhook ready to be sent.</summary>
/// <param name="EventId">The event's id.</param>
/// <param name="ImportId">The import it announces.</param>
/// <param name="Body">The token.</param>
internal sealed record SignedEvent(string EventId, string ImportId, byte[] Body);
