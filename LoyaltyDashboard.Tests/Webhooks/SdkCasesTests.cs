using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
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
        var faults = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(_handed, Stop, async (known, _) =>
        {
            foreach (var fault in await CheckAsync(known.Name, known.Body, DateTimeOffset.FromUnixTimeSeconds(known.NowEpoch)))
            {
                faults.Add($"{known.Name}: {fault}");
            }
        });

        Assert.Equal(108, _handed.Count);
        Assert.True(faults.IsEmpty, string.Join('\n', faults));
    }

    [Fact]
    public void Every_listed_loss_belongs_to_a_case() => Assert.Empty(
        SdkLosses.NoLongerUnreadable.Keys.Concat(SdkLosses.Digits.Keys).Concat(SdkLosses.Overridden.Keys).Append(SdkLosses.IgnoredForItsEntity).Except(_handed.Select(c => c.Name)));

    private static async Task<IReadOnlyList<string>> CheckAsync(string name, byte[] body, DateTimeOffset now)
    {
        var handed = WixCases.Answers[name].GetProperty("event").GetRawText();
        if (SdkDifferences.Stricter.ContainsKey(name))
        {
            Assert.Equal(WixCases.Answers[SameEvent].GetProperty("event").GetRawText(), handed);
            body = WixCases.All.Single(known => known.Name == SameEvent).Body;
        }

        // A database each: a second delivery of one event would be a duplicate.
        var clock = new FakeTimeProvider(now);
        using var wix = DashboardApp.Start(clock, settings: new() { ["Wix:PublicKeys:0"] = WixCases.PublicKeyPem });
        using var sdk = DashboardApp.Start(clock, settings: new() { ["Wix:SdkSecrets:0:Secret"] = SdkForward.Secret });
        using var content = new ByteArrayContent(body);
        using var sent = await wix.Client.PostAsync("/webhooks/wix", content, Stop);
        var forward = name == SdkDifferences.OmittedFromAnswers ? SdkForward.Of(ClaimsOf(body), now) : SdkForward.OfJson(handed, now);
        using var forwarded = await sdk.Client.SendAsync(forward.ToRequest(), Stop);
        if (sent.StatusCode != HttpStatusCode.OK || forwarded.StatusCode != HttpStatusCode.OK)
        {
            return [$"was answered {(int)sent.StatusCode} at the first door and {(int)forwarded.StatusCode} at the second: {await forwarded.Content.ReadAsStringAsync(Stop)}"];
        }

        var (outcome, expected) = (await forwarded.Content.ReadAsStringAsync(Stop), name == SdkLosses.IgnoredForItsEntity ? "ignored" : await sent.Content.ReadAsStringAsync(Stop));
        return outcome != expected ? [$"is {outcome}, not {expected}"] : expected == "stored" ? await CompareAsync(name, wix, sdk) : [];
    }

    private static async Task<IReadOnlyList<string>> CompareAsync(string name, DashboardApp wix, DashboardApp sdk)
    {
        var id = await IdAsync(wix);
        var (sent, handed) = (await ReadAsync(wix, id), await ReadAsync(sdk, id));
        if (handed is null)
        {
            return [$"there is no import {id}, but {await IdAsync(sdk)}"];
        }

        foreach (var (import, source) in ((JsonNode, string)[])[(sent!, "webhook"), (handed, "sdk")])
        {
            Assert.Equal(source, import["observations"]!.AsArray().Single()!["source"]!.GetValue<string>());
            import.AsObject().Remove("observations");
        }

        var faults = new List<string>();
        Compare(string.Empty, sent, handed);
        var (unreadable, still) = (await UnreadableAsync(wix, id), await UnreadableAsync(sdk, id));
        if (!unreadable.Except(SdkLosses.NoLongerUnreadable.TryGetValue(name, out var lost) ? [lost] : []).SequenceEqual(still))
        {
            faults.Add($"unreadable are {string.Join(", ", still)}, not {string.Join(", ", unreadable)}");
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

    private static async Task<string> IdAsync(DashboardApp app) =>
        JsonNode.Parse(await app.Client.GetStringAsync("/api/imports", Stop))!["items"]!.AsArray().Single()!["loyaltyImport"]!["id"]!.GetValue<string>();

    private static async Task<JsonNode?> ReadAsync(DashboardApp app, string id)
    {
        using var answer = await app.Client.GetAsync("/api/imports/" + Uri.EscapeDataString(id), Stop);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop)) : null;
    }

    private static async Task<IReadOnlyList<string>> UnreadableAsync(DashboardApp app, string id) => (await app.Imports.FindAsync(id, Stop))!.UnreadableFields;

    private static string ClaimsOf(byte[] token) => System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(System.Text.Encoding.ASCII.GetString(token).Split('.')[1]));
}
