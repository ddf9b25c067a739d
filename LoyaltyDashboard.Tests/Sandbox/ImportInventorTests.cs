using System.Text;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Sandbox;

public sealed class ImportInventorTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Same_seed_invents_the_same_imports() => Assert.Equal(Invent(7), Invent(7));

    [Fact]
    public void Other_seed_invents_others() => Assert.NotEqual(Invent(7), Invent(8));

    [Fact]
    public void Every_scenario_can_be_found_by_its_name_and_no_other()
    {
        Assert.All(ScenarioCatalog.All, scenario => Assert.Same(scenario, ScenarioCatalog.Find(scenario.Name)));
        Assert.Null(ScenarioCatalog.Find("nonsense"));
        Assert.Equal(ScenarioCatalog.All.Count, ScenarioCatalog.All.Select(s => s.Name).Distinct().Count());
    }

    [Fact]
    public void Scenarios_come_by_chance_but_only_those_with_a_weight()
    {
        var inventor = new ImportInventor(7);

        var chosen = Enumerable.Range(0, 2_000).Select(_ => inventor.Choose()).ToHashSet();

        Assert.Equal(ScenarioCatalog.All.Where(s => s.Weight > 0), chosen.OrderBy(s => ScenarioCatalog.All.ToList().IndexOf(s)));
    }

    [Fact]
    public void Addresses_end_in_example_domains()
    {
        var text = string.Concat(Invent(7));

        Assert.DoesNotContain("@", text.Replace("@example.com", string.Empty, StringComparison.Ordinal).Replace("@example.org", string.Empty, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Signed_webhook_is_what_Wix_sends_and_the_verifier_takes_it()
    {
        using var key = new SandboxKey();
        var announced = new ImportInventor(7).Invent(ScenarioCatalog.Find("unicode")!, _now);

        var token = new WebhookSigner(key.Private).Sign(announced, _now);

        var options = new WixOptions();
        options.PublicKeys.Add(key.PublicPem);
        var verified = await new TokenVerifier(Options.Create(options), new HostIn(Path.GetTempPath()), new FakeTimeProvider(_now)).VerifyAsync(Encoding.ASCII.GetBytes(token));
        Assert.Equal(TokenVerdict.Authentic, verified.Verdict);
        Assert.Equal(["kid", "alg"], JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0]))!.AsObject().Select(p => p.Key));
        var claims = JsonNode.Parse(verified.Claims)!.AsObject();
        Assert.Equal(["data", "iat", "exp"], claims.Select(p => p.Key));
        Assert.Equal(3_600_000, claims["exp"]!.GetValue<long>() - claims["iat"]!.GetValue<long>());
        Assert.Equal(["data", "instanceId", "eventType", "identity", "webhookId"], JsonNode.Parse(claims["data"]!.GetValue<string>())!.AsObject().Select(p => p.Key));
    }

    private static List<string> Invent(int seed)
    {
        var inventor = new ImportInventor(seed);
        return [.. ScenarioCatalog.All.Select(scenario => inventor.Invent(scenario, _now)).Select(e => $"{e.EventId} {e.ImportId} {e.InstanceId} {e.EventType} {e.Data.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })}")];
    }
}
