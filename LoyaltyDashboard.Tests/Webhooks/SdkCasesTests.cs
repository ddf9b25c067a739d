using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Webhooks;

/// <summary>Every event that the SDK hands to a site's code, forwarded to the second door, beside its own webhook at the first. <see cref="SdkLosses"/> lists where the two may differ.</summary>
public sealed class SdkCasesTests
{
    // Refused at the first door for their token; the event in each is that of this case.
    private const string SameEvent = "sig-good";

    private static readonly IReadOnlyList<(string Name, byte[] Body, long NowEpoch)> _handed =
        [.. WixCases.All.Where(known => WixCases.Answers[known.Name].TryGetProperty("entityKind", out var kind) && kind.GetString() == "object")];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_event_that_the_SDK_hands_on_is_stored_as_its_webhook_is()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(_handed.Min(known => known.NowEpoch)));
        using var app = DashboardApp.Start(clock, settings: new() { ["Wix:PublicKeys:0"] = WixCases.PublicKeyPem, ["Wix:SdkSecrets:0:Secret"] = SdkForward.Secret });
        var faults = new List<string>();
        foreach (var known in _handed.OrderBy(known => known.NowEpoch))
        {
            clock.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(known.NowEpoch));
            faults.AddRange((await CheckAsync(app, known.Name, known.Body, clock.GetUtcNow())).Select(fault => $"{known.Name}: {fault}"));
        }

        Assert.Equal(108, _handed.Count);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Empty(app.Warnings);
    }

    [Fact]
    public void Every_listed_loss_belongs_to_a_case() => Assert.Empty(
        SdkLosses.NoLongerUnreadable.Keys.Concat(SdkLosses.Changed.Keys.Select(k => k.Case)).Append(SdkLosses.IgnoredForItsEntity).Except(_handed.Select(c => c.Name)));

    private static async Task<IReadOnlyList<string>> CheckAsync(DashboardApp app, string name, byte[] body, DateTimeOffset now)
    {
        var handed = WixCases.Answers[name].GetProperty("event").GetRawText();
        if (SdkDifferences.Stricter.ContainsKey(name))
        {
            Assert.Equal(WixCases.Answers[SameEvent].GetProperty("event").GetRawText(), handed);
            body = WixCases.All.Single(known => known.Name == SameEvent).Body;
        }

        using var content = new ByteArrayContent(body);
        using var webhook = new HttpRequestMessage(HttpMethod.Post, "/webhooks/wix") { Content = content };
        using var forward = (name == SdkDifferences.OmittedFromAnswers ? SdkForward.Of(ClaimsOf(body), now) : SdkForward.OfJson(handed, now)).ToRequest();
        var first = await StoreAsync(app, webhook, "webhook");
        var second = await StoreAsync(app, forward, "sdk");
        var expected = name == SdkLosses.IgnoredForItsEntity ? "ignored" : first.Outcome;
        return first.Outcome != "stored" ? [$"is {first.Outcome} at the first door"]
            : second.Outcome != expected ? [$"is {second.Outcome}, not {expected}"]
            : expected == "stored" ? Compare(name, first, second)
            : [];
    }

    // Posts to a database without any import, since a second delivery of one event would be a duplicate, and tells what is there afterwards.
    private static async Task<(string Outcome, JsonNode? Import, IReadOnlyList<string> Unreadable)> StoreAsync(DashboardApp app, HttpRequestMessage request, string source)
    {
        Empty(app);
        using var answer = await app.Client.SendAsync(request, Stop);
        var outcome = await answer.Content.ReadAsStringAsync(Stop);
        if (outcome != "stored")
        {
            return (outcome, null, []);
        }

        var id = JsonNode.Parse(await app.Client.GetStringAsync("/api/imports", Stop))!["items"]!.AsArray().Single()!["loyaltyImport"]!["id"]!.GetValue<string>();
        var import = JsonNode.Parse(await app.Client.GetStringAsync("/api/imports/" + Uri.EscapeDataString(id), Stop))!;
        var sighting = import["observations"]!.AsArray().Single()!.AsObject();
        Assert.Equal(source, sighting["source"]!.GetValue<string>());
        sighting.Remove("source");
        import["observations"] = sighting.DeepClone();
        return (outcome, import, (await app.Imports.FindAsync(Reader.System, id, Stop))!.UnreadableFields);
    }

    private static IReadOnlyList<string> Compare(string name, (string Outcome, JsonNode? Import, IReadOnlyList<string> Unreadable) first, (string Outcome, JsonNode? Import, IReadOnlyList<string> Unreadable) second)
    {
        var faults = new List<string>();
        Compare(string.Empty, first.Import, second.Import);
        if (!first.Unreadable.Except(SdkLosses.NoLongerUnreadable.TryGetValue(name, out var lost) ? [lost] : []).SequenceEqual(second.Unreadable))
        {
            faults.Add($"unreadable are {string.Join(", ", second.Unreadable)}, not {string.Join(", ", first.Unreadable)}");
        }

        return faults;

        void Compare(string path, JsonNode? ours, JsonNode? theirs)
        {
            if (SdkLosses.AreSame(name, path, ours, theirs))
            {
                return;
            }

            if (ours is JsonObject a && theirs is JsonObject b)
            {
                foreach (var key in a.Select(p => p.Key).Union(b.Select(p => p.Key)))
                {
                    Compare(path.Length == 0 ? key : $"{path}.{key}", a[key], b[key]);
                }

                return;
            }

            faults.Add($"{path} is {theirs?.ToJsonString() ?? "absent"}, not {ours?.ToJsonString() ?? "absent"}");
        }
    }

    private static void Empty(DashboardApp app)
    {
        using var connection = new SqliteConnection($"Data Source={app.DatabasePath}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = string.Concat(((string[])["delivery_bodies", "import_texts", "import_documents", "observations", "deliveries", "imports", "sites"]).Select(table => $"DELETE FROM {table};"));
        command.ExecuteNonQuery();
    }

    private static string ClaimsOf(byte[] token) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(Encoding.ASCII.GetString(token).Split('.')[1]));
}
