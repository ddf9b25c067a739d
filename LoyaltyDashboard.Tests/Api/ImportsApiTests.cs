using System.Net;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Api;

/// <summary>The contract of <c>GET /api/imports</c>, name by name.</summary>
public sealed class ImportsApiTests(ImportsApiTests.SomeImports given) : IClassFixture<ImportsApiTests.SomeImports>
{
    private static readonly string[] _strangeIds = ["a/b", "a//b", "a/", "a%b", "a%2Fb", "a b", "a+b", "a?b#c", "ünï/日本/😀", "a\"b\\c", "A", ".a"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> StrangeIds => [.. _strangeIds];

    [Fact]
    public async Task Whole_import_has_exactly_the_names_and_nesting_of_the_contract()
    {
        var found = await GetAsync("/api/imports/import-full");

        Same("""
            {
              "loyaltyImport": {
                "id": "import-full", "asyncImportJobId": "job", "revision": "4", "createdDate": "2026-11-24T08:00:00.100Z", "updatedDate": "2026-11-24T08:00:05.7141234Z", "status": "IMPORTED",
                "fileMetadata": {
                  "size": 20915, "name": "a.csv", "url": "/sites/a.csv", "header": { "values": ["email", "points"] },
                  "headerMappingInfo": { "headerMappings": [ { "columnName": "EMAIL", "columnIndex": 0 }, { "columnName": "POINTS", "columnIndex": 1 } ] },
                  "sampleDataRows": [ { "values": ["a@b.co", "5"] }, { "values": ["c@d.co", "5.5"] } ]
                },
                "parseResult": { "parsedRowCount": 500, "parseErrorReason": "REASON" },
                "importResult": { "errorFileExists": true, "successCount": 499, "failureCount": 1 }
              },
              "event": {
                "id": "event-full", "entityFqdn": "wix.loyalty.imports.v1.loyalty_import", "slug": "created", "entityId": "import-full", "eventTime": "2026-11-23T11:59:58.3048Z",
                "eventType": "wix.loyalty.imports.v1.loyalty_import_created", "triggeredByAnonymizeRequest": false, "originatedFrom": "app", "entityEventSequence": "7", "instanceId": "f1a2b3c4-0001-4002-8003-000000000001",
                "identity": { "identityType": "WIX_USER", "wixUserId": "user" }, "accountInfo": { "accountId": "account", "parentAccountId": "parent", "siteId": "site" }
              },
              "site": { "instanceId": "f1a2b3c4-0001-4002-8003-000000000001", "name": "Rosa's Café", "url": "https://rosas.example/" },
              "arrivedAt": "2026-11-24T12:00:00.000Z",
              "mapping": { "verdict": "suspicious", "findings": [ { "code": "points-cells", "message": "POINTS: 1 of 2 sample cells in column 2 \"points\" do not look like whole numbers of points.", "columnIndex": 1 } ] },
              "observations": [ { "source": "webhook", "revision": "4", "status": "IMPORTED", "updatedDate": "2026-11-24T08:00:05.7141234Z", "observedAt": "2026-11-24T12:00:00.000Z" } ]
            }
            """, found);
    }

    [Fact]
    public async Task Absent_stays_absent() => Same("""
        {
          "loyaltyImport": { "id": "import-bare" },
          "event": { "id": "event-bare", "entityFqdn": "wix.loyalty.imports.v1.loyalty_import", "slug": "created", "entityId": "import-bare", "eventTime": "2026-11-23T11:59:58.3048Z", "eventType": "wix.loyalty.imports.v1.loyalty_import_created" },
          "arrivedAt": "2026-11-24T12:00:01.000Z",
          "mapping": { "verdict": "unknown", "findings": [] },
          "observations": [ { "source": "webhook", "observedAt": "2026-11-24T12:00:01.000Z" } ]
        }
        """, await GetAsync("/api/imports/import-bare"));

    [Fact]
    public async Task Item_of_the_list_is_the_same_without_event_observations_and_samples()
    {
        var list = await GetAsync("/api/imports?q=import-full");

        Assert.Equal(["items", "total", "totalIsExact", "next"], list.Select(p => p.Key));
        var item = Assert.Single(list["items"]!.AsArray())!.AsObject();
        var whole = await GetAsync("/api/imports/import-full");
        whole.Remove("event");
        whole.Remove("observations");
        whole["loyaltyImport"]!["fileMetadata"]!.AsObject().Remove("sampleDataRows");
        Same(whole.ToJsonString(), item);
        Assert.Equal((1, true, null), (list["total"]!.GetValue<int>(), list["totalIsExact"]!.GetValue<bool>(), list["next"]));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("&sort=size&dir=asc", 2)]
    [InlineData("&sort=file", 3)]
    [InlineData("", 500)]
    public async Task Walk_by_next_ends_with_null_and_finds_every_import_once(string query, int pageSize)
    {
        HashSet<string> walked = [];
        string? next = null;
        do
        {
            var page = await GetAsync($"/api/imports?pageSize={pageSize}{query}{(next is null ? "" : "&cursor=" + Uri.EscapeDataString(next))}");
            Assert.True(page.ContainsKey("next"));
            Assert.InRange(page["items"]!.AsArray().Count, 1, pageSize);
            Assert.All(page["items"]!.AsArray(), item => Assert.True(walked.Add(item!["loyaltyImport"]!["id"]!.GetValue<string>())));
            Assert.Equal(given.Count, page["total"]!.GetValue<int>());
            next = page["next"]?.GetValue<string>();
        }
        while (next is not null);

        Assert.Equal(given.Count, walked.Count);
    }

    [Theory]
    [InlineData("status=DONE", "status")]
    [InlineData("result=dirty", "result")]
    [InlineData("mapping=ok", "mapping")]
    [InlineData("from=yesterday", "from")]
    [InlineData("to=2026-02-30", "to")]
    [InlineData("sort=id", "sort")]
    [InlineData("dir=up", "dir")]
    [InlineData("pageSize=0", "pageSize")]
    [InlineData("pageSize=501", "pageSize")]
    [InlineData("page=0", "page")]
    [InlineData("page=2", "page")]
    [InlineData("cursor=rubbish", "cursor")]
    [InlineData("cursor=AAAA&sort=size", "cursor")]
    [InlineData("colour=red", "colour")]
    [InlineData("colour", "colour")]
    [InlineData("STATUS=IMPORTED", "STATUS")]
    [InlineData("%F0%9F%98%80=x", "😀")]
    [InlineData("%ff=x", "%ff")]
    public async Task Value_or_name_that_is_not_known_is_a_problem_that_names_it(string query, string name)
    {
        var (status, problem) = await ProblemAsync("/api/imports?" + query);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        var error = problem["errors"]!.AsObject().Single();
        Assert.Equal(name, error.Key);
        Assert.Contains(name, error.Value![0]!.GetValue<string>());
    }

    [Fact]
    public async Task Every_fault_of_a_query_is_told_at_once()
    {
        var (_, problem) = await ProblemAsync("/api/imports?status=DONE&sort=id&colour=red");

        Assert.Equal(["status", "sort", "colour"], problem["errors"]!.AsObject().Select(e => e.Key));
    }

    [Fact]
    public async Task Search_text_that_is_too_long_is_a_problem() => Assert.Equal(HttpStatusCode.BadRequest, (await ProblemAsync("/api/imports?q=" + new string('x', 201))).Status);

    [Theory]
    [InlineData("nobody")]
    [InlineData("IMPORT-FULL")]
    [InlineData("import-full/")]
    [InlineData("00000000-0000-4000-8000-000000000000")]
    public async Task Unknown_id_is_a_problem_404(string id) => Assert.Equal(HttpStatusCode.NotFound, (await ProblemAsync("/api/imports/" + id)).Status);

    [Theory]
    [MemberData(nameof(StrangeIds))]
    public async Task Import_is_found_by_whatever_Wix_called_it(string id) =>
        Assert.Equal(id, (await GetAsync("/api/imports/" + Uri.EscapeDataString(id)))["loyaltyImport"]!["id"]!.GetValue<string>());

    [Fact]
    public async Task Answer_is_JSON_that_is_not_kept_by_caches()
    {
        var answer = await given.App.Client.GetAsync("/api/imports", Stop);

        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Theory]
    [InlineData("status=UNKNOWN", "import-bare")]
    [InlineData("status=IMPORTED&result=with-failures", "import-full")]
    [InlineData("site=f1a2b3c4-0001-4002-8003-000000000001&mapping=suspicious", "import-full")]
    [InlineData("q=CAFÉ&from=2026-11-24T12:00:00Z&to=2026-11-24T12:00:01Z", "import-full")]
    public async Task Filter_of_the_page_holds_here_too(string query, string id) =>
        Assert.Contains(id, (await GetAsync("/api/imports?" + query))["items"]!.AsArray().Select(i => i!["loyaltyImport"]!["id"]!.GetValue<string>()));

    private async Task<JsonObject> GetAsync(string path)
    {
        var answer = await given.App.Client.GetAsync(path, Stop);
        var body = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode} {body}");
        return JsonNode.Parse(body)!.AsObject();
    }

    private async Task<(HttpStatusCode Status, JsonObject Problem)> ProblemAsync(string path)
    {
        var answer = await given.App.Client.GetAsync(path, Stop);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!.AsObject());
    }

    private static void Same(string expected, JsonNode found) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), found), found.ToJsonString());

    /// <summary>One import of which everything is known, one of which nothing is, and strange ids.</summary>
    public sealed class SomeImports : IAsyncLifetime
    {
        private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

        public SomeImports() => App = DashboardApp.Start(_time);

        public DashboardApp App { get; }

        public int Count => 2 + _strangeIds.Length;

        public async ValueTask InitializeAsync()
        {
            await App.Services.GetRequiredService<IngestQueue>().EnqueueAsync(NamedSite.Answer(WixWebhook.Site, "Rosa's Café", "https://rosas.example/"), CancellationToken.None);
            await PostAsync(Full());
            _time.Advance(TimeSpan.FromSeconds(1));
            await PostAsync(new WixWebhook { ImportId = "import-bare", EventId = "event-bare", InstanceId = "", Entity = e => e.Clear() }.ToClaims());
            foreach (var id in _strangeIds)
            {
                await PostAsync(new WixWebhook { ImportId = id, EventId = "event of " + id }.ToClaims());
            }
        }

        public ValueTask DisposeAsync()
        {
            ((IDisposable)App).Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task PostAsync(string claims) => Assert.Equal(HttpStatusCode.OK, (await App.PostAsync(WixWebhook.SignClaims(claims, App.Key))).StatusCode);

        private static string Full()
        {
            var webhook = new WixWebhook
            {
                ImportId = "import-full",
                EventId = "event-full",
                Entity = entity =>
                {
                    foreach (var (name, value) in JsonNode.Parse("""
                        {
                          "asyncImportJobId": "job", "revision": "4", "createdDate": "2026-11-24T08:00:00.100Z", "updatedDate": "2026-11-24T08:00:05.714123456Z", "status": "IMPORTED",
                          "fileMetadata": {
                            "size": 20915, "name": "a.csv", "url": "/sites/a.csv", "header": { "values": ["email", "points"] },
                            "headerMappingInfo": { "headerMappings": [ { "columnName": "EMAIL", "columnIndex": 0 }, { "columnName": "POINTS", "columnIndex": 1 } ] },
                            "sampleDataRows": [ { "values": ["a@b.co", "5"] }, { "values": ["c@d.co", "5.5"] } ]
                          },
                          "parseResult": { "parsedRowCount": 500, "parseErrorReason": "REASON" },
                          "importResult": { "errorFileExists": true, "successCount": 499, "failureCount": 1 }
                        }
                        """)!.AsObject())
                    {
                        entity[name] = value!.DeepClone();
                    }
                },
                Event = e => (e["triggeredByAnonymizeRequest"], e["originatedFrom"], e["entityEventSequence"]) = (false, "app", "7"),
            };
            var claims = JsonNode.Parse(webhook.ToClaims())!;
            var envelope = JsonNode.Parse(claims["data"]!.GetValue<string>())!;
            envelope["identity"] = """{"identityType":"WIX_USER","wixUserId":"user"}""";
            envelope["accountInfo"] = JsonNode.Parse("""{"accountId":"account","parentAccountId":"parent","siteId":"site"}""");
            claims["data"] = envelope.ToJsonString();
            return claims.ToJsonString();
        }
    }
}
