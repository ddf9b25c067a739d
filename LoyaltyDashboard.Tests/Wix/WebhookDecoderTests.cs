using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class WebhookDecoderTests
{
    private const string Bare = """{"id":"import-1","revision":"3","status":"PARSED"}""";
    private const string Wrapped = """{"loyaltyImport":{"id":"import-1","revision":3,"status":"PARSED"}}""";

    private static readonly DateTimeOffset _then = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    /// <summary>Every placement, each as an object and as JSON in a string, bare and wrapped.</summary>
    public static TheoryData<string, string, bool> Placements
    {
        get
        {
            var data = new TheoryData<string, string, bool>();
            foreach (var place in (string[])["createdEvent.entity", "createdEvent.entityAsJson", "updatedEvent.currentEntity", "updatedEvent.currentEntityAsJson"])
            {
                foreach (var entity in (string[])[Bare, Wrapped])
                {
                    data.Add(place, entity, false);
                    data.Add(place, entity, true);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Placements))]
    public void Entity_is_found_wherever_and_however_Wix_puts_it(string place, string entity, bool asString)
    {
        var (outer, inner) = (place.Split('.')[0], place.Split('.')[1]);

        var decoded = Decode(new WixWebhook
        {
            Event = e =>
            {
                e.Remove("createdEvent");
                e[outer] = new JsonObject { [inner] = asString ? entity : JsonNode.Parse(entity) };
            },
        });

        var import = decoded.Observation!.Import;
        Assert.Equal((DecodedKind.Import, "import-1", "3", "PARSED"), (decoded.Kind, import.Id, import.Revision, import.Status));
        Assert.Empty(decoded.Observation.UnreadableFields);
    }

    [Fact]
    public void Layers_may_be_objects_instead_of_strings()
    {
        var decoded = Decode("""{"data":{"eventType":"wix.loyalty.imports.v1.loyalty_import_created","data":{"id":"e","createdEvent":{"entity":{"id":"i"}}},"identity":{"identityType":"APP"}}}""");

        Assert.Equal(("e", "i", "APP"), (decoded.EventId, decoded.Observation!.Import.Id, decoded.Observation.Event!.Identity!.Value.GetProperty("identityType").GetString()));
    }

    [Fact]
    public void Everything_Wix_sends_of_an_import_is_read()
    {
        var import = Decode(new WixWebhook
        {
            ImportId = "i",
            Entity = e =>
            {
                foreach (var (name, value) in JsonNode.Parse("""
                    {"asyncImportJobId":"job","revision":"4","createdDate":"2026-11-24T08:00:00.100Z","updatedDate":"2026-11-24T08:00:05.714Z","status":"IMPORTED",
                     "fileMetadata":{"size":"20915","name":"a.csv","url":"/sites/a.csv","header":{"values":["name","email","points",4]},
                       "headerMappingInfo":{"headerMappings":[{"columnName":"EMAIL","columnIndex":1},{"columnName":"POINTS","columnIndex":"2"}]},
                       "sampleDataRows":[{"values":["Ann","a@b.co",5,null]},{"values":[]}]},
                     "parseResult":{"parsedRowCount":"500"},"importResult":{"errorFileExists":"true","successCount":499,"failureCount":1.0}}
                    """)!.AsObject())
                {
                    e[name] = value?.DeepClone();
                }
            },
        }).Observation!.Import;

        var file = import.FileMetadata!;
        Assert.Equal(("job", "4", "IMPORTED", 20915L, "a.csv", "/sites/a.csv"), (import.AsyncImportJobId, import.Revision, import.Status, file.Size, file.Name, file.Url));
        Assert.Equal((_then.AddMilliseconds(100), _then.AddMilliseconds(5_714)), (import.CreatedDate, import.UpdatedDate));
        Assert.Equal(["name", "email", "points", "4"], file.Header!.Values);
        Assert.Equal([("EMAIL", 1L), ("POINTS", 2L)], file.HeaderMappingInfo!.HeaderMappings!.Select(m => (m.ColumnName!, m.ColumnIndex!.Value)));
        Assert.Equal(["Ann|a@b.co|5|", ""], file.SampleDataRows!.Select(r => string.Join('|', r.Values!)));
        Assert.Equal((500L, true, 499L, 1L), (import.ParseResult!.ParsedRowCount, import.ImportResult!.ErrorFileExists, import.ImportResult.SuccessCount, import.ImportResult.FailureCount));
    }

    [Fact]
    public void Everything_Wix_sends_of_an_event_is_read()
    {
        var metadata = Decode("""
            {"iat":1,"data":"{\"instanceId\":\"site\",\"eventType\":\"wix.loyalty.imports.v1.loyalty_import_created\",\"identity\":\"{\\\"identityType\\\":\\\"WIX_USER\\\"}\",\"accountInfo\":{\"accountId\":\"acc\"},\"data\":\"{\\\"id\\\":\\\"e\\\",\\\"entityFqdn\\\":\\\"fqdn\\\",\\\"slug\\\":\\\"created\\\",\\\"entityId\\\":\\\"i\\\",\\\"createdEvent\\\":{\\\"entity\\\":{}},\\\"eventTime\\\":\\\"2026-11-24T08:00:00.304800Z\\\",\\\"triggeredByAnonymizeRequest\\\":false,\\\"originatedFrom\\\":\\\"app\\\",\\\"entityEventSequence\\\":7}\"}"}
            """).Observation!.Event!;

        Assert.Equal(("e", "fqdn", "created", "i", "site", "app", "7", false), (metadata.Id, metadata.EntityFqdn, metadata.Slug, metadata.EntityId, metadata.InstanceId, metadata.OriginatedFrom, metadata.EntityEventSequence, metadata.TriggeredByAnonymizeRequest));
        Assert.Equal(_then.AddTicks(3_048_000), metadata.EventTime);
        Assert.Equal(("WIX_USER", "acc"), (metadata.Identity!.Value.GetProperty("identityType").GetString(), metadata.AccountInfo!.Value.GetProperty("accountId").GetString()));
        Assert.Equal("wix.loyalty.imports.v1.loyalty_import_created", metadata.EventType);
    }

    [Fact]
    public void Absent_stays_absent()
    {
        var import = Decode(new WixWebhook { Entity = e => e.Clear(), ImportId = "i" }).Observation!.Import;

        Assert.Equal(new LoyaltyImport { Id = "i" }, import);
    }

    [Theory]
    [InlineData("\"own\"", "\"outer\"", "own")]
    [InlineData("null", "\"outer\"", "outer")]
    [InlineData("\"\"", "\"outer\"", "outer")]
    [InlineData("{}", "\"outer\"", "outer")]
    [InlineData("17", "\"outer\"", "17")]
    [InlineData("\"own\"", "null", "own")]
    public void Id_of_the_entity_wins_over_the_events(string own, string outer, string expected) => Assert.Equal(expected, Decode(new WixWebhook
    {
        Entity = e => e["id"] = JsonNode.Parse(own),
        Event = e => e["entityId"] = JsonNode.Parse(outer),
    }).Observation!.Import.Id);

    [Theory]
    [InlineData("{}", "The token's data claim is not a JSON object.")]
    [InlineData("[]", "The token's data claim is not a JSON object.")]
    [InlineData("rubbish", "The token's data claim is not a JSON object.")]
    [InlineData("""{"data":5}""", "The token's data claim is not a JSON object.")]
    [InlineData("""{"data":"{}"}""", "The envelope names no event type.")]
    [InlineData("""{"data":"{\"eventType\":\"\"}"}""", "The envelope names no event type.")]
    [InlineData("""{"data":"{\"eventType\":\"wix.loyalty.imports.v1.loyalty_import_created\"}"}""", "The envelope holds no event data.")]
    [InlineData("""{"data":"{\"eventType\":\"wix.loyalty.imports.v1.loyalty_import_created\",\"data\":\"[]\"}"}""", "The event data is not a JSON object.")]
    [InlineData("""{"data":"{\"eventType\":\"wix.loyalty.imports.v1.loyalty_import_created\",\"data\":\"{}\"}"}""", "The event holds no loyalty import where Wix puts it (createdEvent.entity or createdEvent.entityAsJson).")]
    [InlineData("""{"data":"{\"eventType\":\"wix.loyalty.imports.v1.loyalty_import_created\",\"data\":\"{\\\"createdEvent\\\":{\\\"entity\\\":\\\"text\\\"}}\"}"}""", "The event holds no loyalty import where Wix puts it (createdEvent.entity or createdEvent.entityAsJson).")]
    [InlineData("""{"data":"{\"eventType\":\"wix.loyalty.imports.v1.loyalty_import_created\",\"data\":\"{\\\"createdEvent\\\":{\\\"entity\\\":{}}}\"}"}""", "Neither the import nor the event has an id.")]
    public void Body_without_an_import_says_what_is_missing(string claims, string cause)
    {
        var decoded = Decode(claims);

        Assert.Equal((DecodedKind.NoImport, cause), (decoded.Kind, decoded.Cause));
        Assert.Null(decoded.Observation);
    }

    [Fact]
    public void Other_event_type_is_an_other_event_with_what_is_known_of_it()
    {
        var decoded = Decode(new WixWebhook { EventType = "wix.loyalty.v1.account_created", EventId = "e", InstanceId = "site" });

        Assert.Equal((DecodedKind.OtherEvent, "e", "site", "wix.loyalty.v1.account_created"), (decoded.Kind, decoded.EventId, decoded.InstanceId, decoded.EventType));
    }

    [Fact]
    public void Cause_of_an_endless_event_type_is_short() => Assert.InRange(Decode(new WixWebhook { EventType = new string('x', 10_000) }).Cause!.Length, 1, 200);

    [Theory]
    [InlineData("size", "fileMetadata.size")]
    [InlineData("header", "fileMetadata.header")]
    [InlineData("headerMappingInfo", "fileMetadata.headerMappingInfo")]
    [InlineData("sampleDataRows", "fileMetadata.sampleDataRows")]
    public void Unreadable_field_of_the_file_is_absent_and_named_and_the_rest_is_kept(string field, string path)
    {
        var observation = Decode(new WixWebhook { Entity = e => e["fileMetadata"]![field] = true }).Observation!;

        Assert.Equal([path], observation.UnreadableFields);
        Assert.Equal("members.csv", observation.Import.FileMetadata!.Name);
    }

    [Fact]
    public void Unreadable_cell_row_and_mapping_keep_their_places()
    {
        var observation = Decode(new WixWebhook
        {
            Entity = e => e["fileMetadata"] = JsonNode.Parse("""
                {"header":{"values":["a",{},"c"]},"headerMappingInfo":{"headerMappings":["x",{"columnName":"POINTS","columnIndex":"last"}]},"sampleDataRows":[7,{"values":["1",[],"3"]},{"values":"x"}]}
                """),
        }).Observation!;

        var file = observation.Import.FileMetadata!;
        Assert.Equal(["a", "", "c"], file.Header!.Values);
        Assert.Equal([new ColumnMapping(), new ColumnMapping { ColumnName = "POINTS" }], file.HeaderMappingInfo!.HeaderMappings);
        Assert.Equal([null, "1||3", null], file.SampleDataRows!.Select(r => r.Values is null ? null : string.Join('|', r.Values)));
        Assert.Equal(
            [
                "fileMetadata.header.values[1]", "fileMetadata.headerMappingInfo.headerMappings[0]", "fileMetadata.headerMappingInfo.headerMappings[1].columnIndex",
                "fileMetadata.sampleDataRows[0]", "fileMetadata.sampleDataRows[1].values[1]", "fileMetadata.sampleDataRows[2].values",
            ],
            observation.UnreadableFields);
    }

    [Theory]
    [InlineData("\"not json\"")]
    [InlineData("5")]
    [InlineData("[]")]
    [InlineData("\"[1]\"")]
    public void Unreadable_identity_is_dropped_and_named_and_the_import_is_kept(string identity)
    {
        var claims = JsonNode.Parse(new WixWebhook { ImportId = "i" }.ToClaims())!;
        var envelope = JsonNode.Parse(claims["data"]!.GetValue<string>())!;
        envelope["identity"] = JsonNode.Parse(identity);
        claims["data"] = envelope.ToJsonString();

        var observation = Decode(claims.ToJsonString()).Observation!;

        Assert.Equal(("i", null), (observation.Import.Id, observation.Event!.Identity));
        Assert.Equal(["event.identity"], observation.UnreadableFields);
    }

    [Fact]
    public void Field_name_that_is_no_text_is_kept_for_later_and_never_an_exception()
    {
        var decoded = Decode("""{"data":"{\"eventType\":\"wix.loyalty.imports.v1.loyalty_import_created\",\"data\":\"{\\\"\\\\ud800\\\":1,\\\"createdEvent\\\":{\\\"entity\\\":{\\\"id\\\":\\\"i\\\"}}}\"}"}""");

        Assert.NotNull(decoded.ContentHash);
    }

    [Fact]
    public void Content_hash_is_of_the_inner_data_alone()
    {
        var one = new WixWebhook { ImportId = "i", EventId = "e" };

        Assert.Equal(Decode(one).ContentHash, Decode(one with { Claims = new JsonObject { ["iat"] = 5 } }).ContentHash);
        Assert.NotEqual(Decode(one).ContentHash, Decode(one with { FileName = "other.csv" }).ContentHash);
    }

    [Fact]
    public void Any_field_of_any_type_never_quarantines_and_never_throws()
    {
        var value = Gen.Elements("null", "true", "5", "-1", "1e999", "-9223372036854775808", "9223372036854775807", "\"\"", "\"text\"", "\"LONE\"", "\"5\"", "[]", "[null]", "[[]]", "[{}]", "{}", "{\"values\":5}", "{\"values\":[{}]}", "\"{}\"", "\"9999-12-31T23:59:59-14:00\"");
        var path = Gen.Elements(
            "asyncImportJobId", "revision", "createdDate", "updatedDate", "status", "fileMetadata", "parseResult", "importResult", "fileMetadata.size", "fileMetadata.name", "fileMetadata.url", "fileMetadata.header",
            "fileMetadata.header.values", "fileMetadata.headerMappingInfo", "fileMetadata.headerMappingInfo.headerMappings", "fileMetadata.sampleDataRows", "parseResult.parsedRowCount", "parseResult.parseErrorReason",
            "importResult.errorFileExists", "importResult.successCount", "importResult.failureCount");
        Prop.ForAll(path.SelectMany(p => value.Select(v => (p, v))).ListOf().ToArbitrary(), changes =>
        {
            var entity = JsonNode.Parse("""{"id":"i","fileMetadata":{"header":{},"headerMappingInfo":{}},"parseResult":{},"importResult":{}}""")!;
            foreach (var (p, v) in changes)
            {
                Set(entity, p.Split('.'), v);
            }

            // A lone surrogate, which no writer writes, is put in afterwards, escaped once for each layer around it.
            var claims = new WixWebhook { Event = e => e["createdEvent"] = new JsonObject { ["entity"] = entity.DeepClone() } }.ToClaims().Replace("LONE", @"\\\\ud800", StringComparison.Ordinal);
            return Decode(claims).Observation?.Import.Id == "i";
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Theory]
    [InlineData(@"\ud800", "\uFFFD")]
    [InlineData(@"\uDC00", "\uFFFD")]
    [InlineData(@"\ud800\ud83d\ude00", "\uFFFD😀")]
    [InlineData(@"\ud83d\ude00", "😀")]
    [InlineData(@"\\ud800", @"\ud800")]
    public void Lone_surrogate_becomes_a_replacement_even_in_the_name_of_a_field(string written, string read)
    {
        // Escaped once for each of the two layers around it.
        var claims = new WixWebhook { FileName = "VALUE", Event = e => e["NAME"] = 1 }.ToClaims()
            .Replace("VALUE", written.Replace(@"\", @"\\\\", StringComparison.Ordinal), StringComparison.Ordinal).Replace("NAME", @"\\\\ud800", StringComparison.Ordinal);

        Assert.Equal(read, Decode(claims).Observation!.Import.FileMetadata!.Name);
    }

    private static void Set(JsonNode entity, string[] path, string value)
    {
        JsonNode? parent = entity;
        foreach (var name in path[..^1])
        {
            parent = parent is JsonObject known ? known[name] : null;
        }

        if (parent is JsonObject found)
        {
            found[path[^1]] = JsonNode.Parse(value);
        }
    }

    private static DecodedWebhook Decode(WixWebhook webhook) => Decode(webhook.ToClaims());

    private static DecodedWebhook Decode(string claims) => WebhookDecoder.Decode(Encoding.UTF8.GetBytes(claims), _then);
}
