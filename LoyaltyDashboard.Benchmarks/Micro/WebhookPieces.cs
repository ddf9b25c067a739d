using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Benchmarks.Micro;

/// <summary>What a webhook costs, piece by piece, from the signature to the row.</summary>
[MemoryDiagnoser]
public class WebhookPieces
{
    private readonly SignedEvents _events = new();
    private readonly TempFolder _folder = new();
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    private TokenVerifier _verifier = null!;
    private RSA _publicKey = null!;
    private byte[] _token = null!;
    private byte[] _claims = null!;
    private LoyaltyImport _import = null!;
    private WriterSession _session = null!;
    private int _next;

    /// <summary>An event, and a database to write to.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        _verifier = new TokenVerifier(Options.Create(new WixOptions { PublicKeys = { _events.PublicKeyPem } }), new NoEnvironment(), TimeProvider.System);
        _publicKey = RSA.Create();
        _publicKey.ImportFromPem(_events.PublicKeyPem);
        _token = _events.Sign(1)[0].Body;
        _claims = InventedEvents.Claims(InventedEvents.Announce(0, _now), _now);
        _import = InventedEvents.Import(0, _now);
        var path = _folder.File("micro.db");
        SeededDatabase.MigrateAsync(path).GetAwaiter().GetResult();
        _session = new WriterSession($"Data Source={path};Pooling=False");
    }

    /// <summary>Puts everything away.</summary>
    [GlobalCleanup]
    public void PutAway()
    {
        _session.Dispose();
        _publicKey.Dispose();
        _events.Dispose();
        _folder.Dispose();
    }

    /// <summary>The bare arithmetic of a signature, which nothing can do without.</summary>
    [Benchmark(Baseline = true)]
    public bool RsaAlone() => _publicKey.VerifyData(_token.AsSpan(0, _token.AsSpan().LastIndexOf((byte)'.')), new byte[256], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    /// <summary>All that the door asks of a token.</summary>
    [Benchmark]
    public async Task<VerificationResult> Verify() => await _verifier.VerifyAsync(_token);

    /// <summary>From the claims to the import.</summary>
    [Benchmark]
    public DecodedWebhook Decode() => WebhookDecoder.Decode(_claims, _now);

    /// <summary>The same, ready for the queue.</summary>
    [Benchmark]
    public Delivery Wrap() => WebhookDelivery.Create(_claims, _token.Length, _now);

    /// <summary>What can be said of a mapping.</summary>
    [Benchmark]
    public MappingReport Judge() => MappingHealth.Judge(_import);

    /// <summary>The document that is stored.</summary>
    [Benchmark]
    public byte[] Document() => ImportJson.Write(_import);

    /// <summary>The text that is searched.</summary>
    [Benchmark]
    public string SearchText() => ImportSummary.SearchText(_import, null, "5a4db0c5-0000-4000-8000-000000000001");

    /// <summary>64 new events in one transaction, on the disk when it returns; all of their work but the signature. The time is of one event.</summary>
    [Benchmark(OperationsPerInvoke = 64)]
    public void DecodeAndCommit64()
    {
        using var transaction = _session.Begin();
        var changed = new HashSet<ChangedImport>();
        for (var i = 0; i < 64; i++)
        {
            var claims = InventedEvents.Claims(InventedEvents.Announce(_next++, _now), _now);
            _session.Apply(WebhookDelivery.Create(claims, claims.Length * 4 / 3, _now), changed);
        }

        transaction.Commit();
        _session.TendLog();
    }

    /// <summary>The part of <see cref="DecodeAndCommit64"/> that invents events; to be taken off.</summary>
    [Benchmark]
    public byte[] InventOne() => InventedEvents.Claims(InventedEvents.Announce(_next++, _now), _now);

    private sealed class NoEnvironment : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = Environments.Production;

        public string ApplicationName { get; set; } = "LoyaltyDashboard";

        public string ContentRootPath { get; set; } = AppContext.BaseDirectory;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
