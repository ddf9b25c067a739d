using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Wix;

/// <summary>Section <c>Wix</c>: what we need to know of the app at Wix.</summary>
public sealed class WixOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Wix";

    /// <summary>Public keys that webhooks may be signed with; several at once for rotation. Forms: see <see cref="PublicKeyReader"/>.</summary>
    public IList<string> PublicKeys { get; } = [];
}

/// <summary>Refuses to start without a usable key: an unsigned mode does not exist.</summary>
public sealed class WixOptionsValidator(IHostEnvironment environment) : IValidateOptions<WixOptions>
{
    private const string Example = "Paste the public key from the Webhooks page of your app at Wix, for example Wix__PublicKeys__0=\"-----BEGIN PUBLIC KEY-----\\nMIIB…\\n-----END PUBLIC KEY-----\", or the path of a file that holds it.";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, WixOptions options)
    {
        if (options.PublicKeys.Count == 0)
        {
            return ValidateOptionsResult.Fail($"Wix:PublicKeys is missing, so no webhook could be verified. {Example} To try the dashboard without Wix, set Sandbox:Enabled=true in the Development environment.");
        }

        var faults = new List<string>();
        for (var index = 0; index < options.PublicKeys.Count; index++)
        {
            if (!PublicKeyReader.TryRead(options.PublicKeys[index], environment.ContentRootPath, out _, out var fault))
            {
                faults.Add($"Wix:PublicKeys:{index} {fault}. {Example}");
            }
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
