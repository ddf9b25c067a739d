using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LoyaltyDashboard.Tests;

public sealed class AddressesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("loyalty-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://*:0")]
    [InlineData("http://+:0")]
    [InlineData("http://192.0.2.1:0")]
    [InlineData("http://dashboard.example:0")]
    [InlineData("http://localhost:0;http://0.0.0.0:0")]
    public async Task Plain_http_that_others_reach_is_refused_before_it_is_opened(string urls)
    {
        await using var app = Build(urls.Replace("localhost:0", "127.0.0.1:0", StringComparison.Ordinal));

        AssertRefusal(await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(Stop)));
    }

    [Theory]
    [InlineData("http_ports", "0")]
    [InlineData("Kestrel:Endpoints:Any:Url", "http://0.0.0.0:0")]
    public async Task So_it_is_wherever_it_was_set(string key, string value)
    {
        await using var app = Build(null, (key, value));

        AssertRefusal(await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(Stop)));
    }

    [Fact]
    public async Task Loopback_is_opened_and_shown_by_its_name()
    {
        await using var app = Build("http://127.0.0.1:0");
        await app.StartAsync(Stop);

        var addresses = app.Services.GetRequiredService<Addresses>();
        Assert.True(addresses.AreOfThisMachine);
        Assert.Null(addresses.HttpsPort);
        Assert.Equal(Assert.Single(app.Urls).Replace("127.0.0.1", "localhost", StringComparison.Ordinal), Assert.Single(addresses.ToOpen));
    }

    [Fact]
    public async Task Unix_socket_is_of_this_machine()
    {
        await using var app = Build($"http://unix:{Path.Combine(_directory.FullName, "s")}");
        await app.StartAsync(Stop);

        Assert.True(app.Services.GetRequiredService<Addresses>().AreOfThisMachine);
    }

    [Fact]
    public async Task Behind_a_proxy_that_is_named_plain_http_is_opened()
    {
        await using var app = Build("http://0.0.0.0:0", (ProxyOptions.Key + ":0", "10.0.0.7"));
        await app.StartAsync(Stop);

        Assert.False(app.Services.GetRequiredService<Addresses>().AreOfThisMachine);
    }

    [Fact]
    public async Task By_https_any_address_is_opened()
    {
        var (certificate, key) = Certificate();
        await using var app = Build("https://0.0.0.0:0", ("Kestrel:Certificates:Default:Path", certificate), ("Kestrel:Certificates:Default:KeyPath", key));
        await app.StartAsync(Stop);

        var addresses = app.Services.GetRequiredService<Addresses>();
        Assert.False(addresses.AreOfThisMachine);
        Assert.Equal(new Uri(Assert.Single(app.Urls)).Port, addresses.HttpsPort);
        Assert.StartsWith("https://localhost:", Assert.Single(addresses.ToOpen));
    }

    [Theory]
    [InlineData("http://127.0.0.1:5080", "http://localhost:5080")]
    [InlineData("http://[::1]:5080", "http://localhost:5080")]
    [InlineData("http://0.0.0.0:8080", "http://localhost:8080")]
    [InlineData("https://[::]:443", "https://localhost:443")]
    [InlineData("http://localhost:5080", "http://localhost:5080")]
    [InlineData("https://192.0.2.1:5080", "https://192.0.2.1:5080")]
    [InlineData("http://unix:/run/dashboard.sock", "http://unix:/run/dashboard.sock")]
    public void Passkeys_need_a_name(string address, string toOpen) => Assert.Equal(toOpen, Addresses.ToOpenAt(address));

    private static void AssertRefusal(InvalidOperationException refusal)
    {
        Assert.StartsWith("It was told to listen on http://", refusal.Message);
        Assert.Contains("Access:Proxies:0=10.0.0.7", refusal.Message);
        Assert.Contains("Kestrel:Certificates:Default:Path", refusal.Message);
        Assert.EndsWith("or let it listen on http://localhost:5080 alone.", refusal.Message);
    }

    private (string Certificate, string Key) Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
        var (certificatePath, keyPath) = (Path.Combine(_directory.FullName, "certificate.pem"), Path.Combine(_directory.FullName, "key.pem"));
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        return (certificatePath, keyPath);
    }

    private static WebApplication Build(string? urls, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = Path.GetTempPath() });
        builder.Logging.ClearProviders();
        foreach (var (key, value) in settings)
        {
            builder.Configuration[key] = value;
        }

        if (urls is not null)
        {
            builder.WebHost.UseUrls(urls);
        }

        return builder.AddProxies().CheckAddresses().Build();
    }
}
