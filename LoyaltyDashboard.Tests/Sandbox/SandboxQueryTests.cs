using System.Globalization;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Sandbox;

namespace LoyaltyDashboard.Tests.Sandbox;

public sealed class SandboxQueryTests
{
    private static readonly DateTimeOffset _then = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);
    private static readonly string[] _fields = ["createdDate", "updatedDate", "status"];

    private static readonly Gen<DateTimeOffset> _time = Gen.Choose(0, 9).Select(i => _then.AddMilliseconds(i * 10));
    private static readonly Gen<string> _status = Gen.Elements(ImportStatusWords.All.AsEnumerable());

    private static readonly Gen<List<LoyaltyImport>> _imports =
        (from created in _time from updated in _time from status in _status select (created, updated, status)).ListOf()
        .Select(list => list.Select((i, n) => new LoyaltyImport { Id = $"id{n:D3}", CreatedDate = i.created, UpdatedDate = i.updated, Status = i.status }).ToList());

    private static readonly Gen<List<(string Field, bool IsDescending)>> _sorts = (from field in Gen.Elements(_fields) from isDescending in Gen.Elements(true, false) select (field, isDescending)).ListOf().Select(list => list.Take(5).ToList());

    [Fact]
    public void Every_operator_finds_what_LINQ_finds()
    {
        var asked = from imports in _imports from conditions in ConditionGen().ListOf() select (imports, conditions: conditions.DistinctBy(c => (c.Field, c.Name)).ToList());
        Prop.ForAll(asked.ToArbitrary(), given =>
        {
            var filter = new JsonObject();
            foreach (var field in given.conditions.GroupBy(c => c.Field))
            {
                filter[field.Key] = new JsonObject(field.Select(c => KeyValuePair.Create(c.Name, (JsonNode?)c.Operand.DeepClone())));
            }

            var found = Query(new JsonObject { ["filter"] = filter, ["cursorPaging"] = new JsonObject { ["limit"] = 100 } }).Page(given.imports.Take(100)).Imports;

            var expected = given.imports.Take(100).Where(import => given.conditions.All(c => c.Holds(import)));
            return found.Select(i => i.Id).Order().SequenceEqual(expected.Select(i => i.Id).Order());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Fact]
    public void Pages_by_cursor_walk_everything_exactly_once_in_the_order_asked_for()
    {
        var asked = from imports in _imports from sorts in _sorts from limit in Gen.Choose(1, 7) select (imports, sorts, limit);
        Prop.ForAll(asked.ToArbitrary(), given =>
        {
            var sort = new JsonArray([.. given.sorts.Select(s => new JsonObject { ["fieldName"] = s.Field, ["order"] = s.IsDescending ? "DESC" : "ASC" })]);
            var first = Query(new JsonObject { ["filter"] = new JsonObject { ["status"] = new JsonObject { ["$ne"] = "FAILED" } }, ["sort"] = sort, ["cursorPaging"] = new JsonObject { ["limit"] = given.limit } });
            var walked = new List<LoyaltyImport>();
            var (page, next) = first.Page(given.imports);
            walked.AddRange(page);
            while (next is not null)
            {
                (page, next) = Query(new JsonObject { ["cursorPaging"] = new JsonObject { ["limit"] = given.limit, ["cursor"] = next } }).Page(given.imports);
                if (page.Count == 0)
                {
                    return false;
                }

                walked.AddRange(page);
            }

            return walked.Select(i => i.Id).SequenceEqual(Sorted(given.imports.Where(i => i.Status != "FAILED"), given.sorts).Select(i => i.Id));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Theory]
    [InlineData("""[]""", "query")]
    [InlineData("""{"paging":{"limit":3}}""", "query.paging")]
    [InlineData("""{"fields":["id"]}""", "query.fields")]
    [InlineData("""{"filter":[]}""", "query.filter")]
    [InlineData("""{"filter":{"id":"x"}}""", "query.filter.id")]
    [InlineData("""{"filter":{"$or":[]}}""", "query.filter.$or")]
    [InlineData("""{"filter":{"status":{"$lt":"PARSED"}}}""", "query.filter.status.$lt")]
    [InlineData("""{"filter":{"status":{"$startsWith":"PARSED"}}}""", "query.filter.status.$startsWith")]
    [InlineData("""{"filter":{"status":"parsed"}}""", "query.filter.status.$eq")]
    [InlineData("""{"filter":{"status":null}}""", "query.filter.status.$eq")]
    [InlineData("""{"filter":{"status":{"$in":"PARSED"}}}""", "query.filter.status.$in")]
    [InlineData("""{"filter":{"status":{"$in":[1]}}}""", "query.filter.status.$in")]
    [InlineData("""{"filter":{"status":{"$exists":"true"}}}""", "query.filter.status.$exists")]
    [InlineData("""{"filter":{"createdDate":{"$gt":"yesterday"}}}""", "query.filter.createdDate.$gt")]
    [InlineData("""{"filter":{"createdDate":{"$gt":"2026-11-24"}}}""", "query.filter.createdDate.$gt")]
    [InlineData("""{"filter":{"createdDate":{"$gt":"2026-11-24T08:30:00"}}}""", "query.filter.createdDate.$gt")]
    [InlineData("""{"filter":{"createdDate":{"$gt":1764000000}}}""", "query.filter.createdDate.$gt")]
    [InlineData("""{"sort":{}}""", "query.sort")]
    [InlineData("""{"sort":[{"fieldName":"status"},{"fieldName":"status"},{"fieldName":"status"},{"fieldName":"status"},{"fieldName":"status"},{"fieldName":"status"}]}""", "query.sort")]
    [InlineData("""{"sort":[{"fieldName":"id"}]}""", "query.sort[0].fieldName")]
    [InlineData("""{"sort":[{"order":"ASC"}]}""", "query.sort[0].fieldName")]
    [InlineData("""{"sort":[{"fieldName":"status"},{"fieldName":"status","order":"asc"}]}""", "query.sort[1].order")]
    [InlineData("""{"cursorPaging":{"limit":0}}""", "query.cursorPaging.limit")]
    [InlineData("""{"cursorPaging":{"limit":101}}""", "query.cursorPaging.limit")]
    [InlineData("""{"cursorPaging":{"limit":1.5}}""", "query.cursorPaging.limit")]
    [InlineData("""{"cursorPaging":{"limit":"50"}}""", "query.cursorPaging.limit")]
    [InlineData("""{"cursorPaging":{"offset":1}}""", "query.cursorPaging.offset")]
    [InlineData("""{"cursorPaging":{"cursor":"nonsense"}}""", "query.cursorPaging.cursor")]
    [InlineData("""{"cursorPaging":{"cursor":"W3t9LFtdLFtdXQ"}}""", "query.cursorPaging.cursor")]
    [InlineData("""{"cursorPaging":{"cursor":7}}""", "query.cursorPaging.cursor")]
    public void What_Wix_does_not_document_is_a_violation_that_names_the_field(string query, string field) =>
        Assert.Equal(field, Assert.Throws<SandboxViolation>(() => Query(JsonNode.Parse(query)!)).Field);

    [Fact]
    public void Field_name_and_filter_and_cursor_have_longest_lengths()
    {
        Assert.Equal("MAX_LENGTH", Assert.Throws<SandboxViolation>(() => Query(new JsonObject { ["sort"] = new JsonArray(new JsonObject { ["fieldName"] = new string('x', 513) }) })).Rule);
        Assert.Equal("OTHER", Assert.Throws<SandboxViolation>(() => Query(new JsonObject { ["sort"] = new JsonArray(new JsonObject { ["fieldName"] = new string('x', 512) }) })).Rule);
        Assert.Equal("MAX_LENGTH", Assert.Throws<SandboxViolation>(() => Query(new JsonObject { ["filter"] = new JsonObject { ["status"] = new JsonObject { ["$in"] = new JsonArray([.. Enumerable.Repeat("PARSED", 1_000).Select(w => JsonValue.Create(w))]) } } })).Rule);
        var longest = Query(new JsonObject { ["filter"] = new JsonObject { ["status"] = new JsonObject { ["$in"] = new JsonArray([.. Enumerable.Repeat("PARSED", 880).Select(w => JsonValue.Create(w))]) } }, ["cursorPaging"] = new JsonObject { ["limit"] = 1 } });
        var twice = new[] { "a", "b" }.Select(id => new LoyaltyImport { Id = id, CreatedDate = _then, UpdatedDate = _then, Status = "PARSED" });
        Assert.InRange(longest.Page(twice).Next!.Length, 8_000, 16_000);
    }

    [Fact]
    public async Task Query_is_answered_with_the_documented_paging()
    {
        using var sandbox = new RunningSandbox();
        var created = Enumerable.Range(0, 120).Select(i => sandbox.Add(TimeSpan.FromSeconds(200 - i)).Id).ToList();
        sandbox.Add(instanceId: RunningSandbox.OtherSite.InstanceId);

        var first = await RunningSandbox.JsonAsync(await sandbox.QueryAsync());
        var second = await RunningSandbox.JsonAsync(await sandbox.QueryAsync($$$"""{"cursorPaging":{"limit":100,"cursor":"{{{first["pagingMetadata"]!["cursors"]!["next"]}}}"}}"""));

        Assert.Equal(created.AsEnumerable().Reverse(), first["loyaltyImports"]!.AsArray().Concat(second["loyaltyImports"]!.AsArray()).Select(i => (string)i!["id"]!));
        Assert.Equal((50, true), ((int)first["pagingMetadata"]!["count"]!, (bool)first["pagingMetadata"]!["hasNext"]!));
        Assert.Equal("""{"count":70,"cursors":{},"hasNext":false}""", second["pagingMetadata"]!.ToJsonString());
    }

    private static SandboxQuery Query(JsonNode query) => SandboxQuery.Read(new JsonObject { ["query"] = query.DeepClone() });

    private static IEnumerable<LoyaltyImport> Sorted(IEnumerable<LoyaltyImport> imports, List<(string Field, bool IsDescending)> sorts)
    {
        var sorted = imports.OrderBy(_ => 0);
        foreach (var (field, isDescending) in sorts.Count == 0 ? [("createdDate", true)] : sorts)
        {
            sorted = field switch
            {
                "status" when isDescending => sorted.ThenByDescending(i => i.Status, StringComparer.Ordinal),
                "status" => sorted.ThenBy(i => i.Status, StringComparer.Ordinal),
                _ when isDescending => sorted.ThenByDescending(i => Date(i, field)),
                _ => sorted.ThenBy(i => Date(i, field)),
            };
        }

        return sorted.ThenBy(i => i.Id, StringComparer.Ordinal);
    }

    private static DateTimeOffset Date(LoyaltyImport import, string field) => field == "createdDate" ? import.CreatedDate!.Value : import.UpdatedDate!.Value;

    private static Gen<Condition> ConditionGen()
    {
        var dates =
            from field in Gen.Elements("createdDate", "updatedDate")
            from name in Gen.Elements("$eq", "$ne", "$lt", "$lte", "$gt", "$gte")
            from time in _time
            from offset in Gen.Elements(0, 2, -5)
            select new Condition(field, name, time.ToOffset(TimeSpan.FromHours(offset)).ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture), import => name switch
            {
                "$eq" => Date(import, field) == time,
                "$ne" => Date(import, field) != time,
                "$lt" => Date(import, field) < time,
                "$lte" => Date(import, field) <= time,
                "$gt" => Date(import, field) > time,
                _ => Date(import, field) >= time,
            });
        var someDates =
            from field in Gen.Elements("createdDate", "updatedDate")
            from name in Gen.Elements("$in", "$nin", "$hasSome")
            from times in _time.ListOf()
            select new Condition(field, name, new JsonArray([.. times.Select(t => JsonValue.Create(UtcTimeConverter.Format(t)))]), import => times.Contains(Date(import, field)) != (name == "$nin"));
        var status =
            from name in Gen.Elements("$eq", "$ne")
            from word in _status
            select new Condition("status", name, word, import => (import.Status == word) == (name == "$eq"));
        var someStatus =
            from name in Gen.Elements("$in", "$nin", "$hasSome")
            from words in _status.ListOf()
            select new Condition("status", name, new JsonArray([.. words.Select(w => JsonValue.Create(w))]), import => words.Contains(import.Status) != (name == "$nin"));
        var exists =
            from field in Gen.Elements(_fields)
            from wanted in Gen.Frequency((4, Gen.Constant(true)), (1, Gen.Constant(false)))
            select new Condition(field, "$exists", wanted, _ => wanted);
        return Gen.Frequency((3, dates), (2, someDates), (1, status), (1, someStatus), (1, exists));
    }

    private sealed record Condition(string Field, string Name, JsonNode Operand, Func<LoyaltyImport, bool> Holds);
}
