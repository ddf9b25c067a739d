using System.Text;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class SdkEventDecoderTests
{
    private static readonly DateTimeOffset _then = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Entity_and_metadata_are_read_by_the_names_of_the_SDK()
    {
        var decoded = Decode("""
            {"entity":{"_id":"i","_createdDate":"2026-11-23T11:59:58.100Z","_updatedDate":"2026-11-23T12:00:00.200Z","revision":"2","status":"PARSED","fileMetadata":{"name":"f.csv"}},
             "metadata":{"_id":"e","entityFqdn":"wix.loyalty.imports.v1.loyalty_import","slug":"created","entityId":"i","eventTime":"2026-11-23T11:59:58.304Z","triggeredByAnonymizeRequest":false,
              "originatedFrom":"o","entityEventSequence":"7","instanceId":"site","identity":{"identityType":"APP"},"accountInfo":{"accountId":"a"},"eventType":"wix.loyalty.imports.v1.loyalty_import_created"}}
            """);

        Assert.Equal((DecodedKind.Import, "e", "site", null), (decoded.Kind, decoded.EventId, decoded.InstanceId, decoded.EventType));
        var (import, announced) = (decoded.Observation!.Import, decoded.Observation.Event!);
        Assert.Equal(("i", "2", "PARSED", "f.csv"), (import.Id, import.Revision, import.Status, import.FileMetadata!.Name));
        Assert.Equal((new DateTimeOffset(2026, 11, 23, 11, 59, 58, 100, TimeSpan.Zero), new DateTimeOffset(2026, 11, 23, 12, 0, 0, 200, TimeSpan.Zero)), (import.CreatedDate!.Value, import.UpdatedDate!.Value));
        Assert.Equal(("e", "created", "i", "o", "7", "site", false), (announced.Id, announced.Slug, announced.EntityId, announced.OriginatedFrom, announced.EntityEventSequence, announced.InstanceId, announced.TriggeredByAnonymizeRequest));
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 11, 59, 58, 304, TimeSpan.Zero), announced.EventTime);
        Assert.Equal(("""{"identityType":"APP"}""", """{"accountId":"a"}""", null), (announced.Identity!.Value.GetRawText(), announced.AccountInfo!.Value.GetRawText(), announced.EventType));
        Assert.Equal((ObservationSource.Sdk, _then, "site"), (decoded.Observation.Source, decoded.Observation.ObservedAt, decoded.Observation.InstanceId));
        Assert.Empty(decoded.Observation.UnreadableFields);
    }

    [Theory]
    [InlineData("""{"id":"raw","_id":"renamed"}""", "raw")]
    [InlineData("""{"id":"","_id":"renamed"}""", "renamed")]
    [InlineData("""{"id":null,"_id":"renamed"}""", "renamed")]
    [InlineData("""{"_id":""}""", "of-event")]
    [InlineData("{}", "of-event")]
    [InlineData("""{"loyaltyImport":{"_id":"wrapped"}}""", "wrapped")]
    [InlineData("\"{\\\"id\\\":\\\"text\\\"}\"", "text")]
    public void Id_is_the_first_that_says_something(string entity, string id) =>
        Assert.Equal(id, Decode("{\"entity\":" + entity + ",\"metadata\":{\"entityId\":\"of-event\"}}").Observation!.Import.Id);

    [Theory]
    [InlineData("""{"_createdDate":"2026-11-23T11:59:58Z","createdDate":"2026-11-24T11:59:58Z"}""", 24)]
    [InlineData("""{"_createdDate":"2026-11-23T11:59:58Z","createdDate":null}""", 23)]
    public void Date_by_its_own_name_wins(string entity, int day) =>
        Assert.Equal(day, Decode("{\"entity\":" + entity + ",\"metadata\":{\"entityId\":\"i\"}}").Observation!.Import.CreatedDate!.Value.Day);

    [Fact]
    public void Body_made_to_hold_a_million_mappings_is_read_as_far_as_anybody_looks()
    {
        var decoded = Decode("{\"entity\":{\"id\":\"i\",\"fileMetadata\":{\"headerMappingInfo\":{\"headerMappings\":[" + string.Join(',', Enumerable.Repeat("1", 1_000_000)) + "]}}},\"metadata\":{}}").Observation!;

        Assert.Equal(10_000, decoded.Import.FileMetadata!.HeaderMappingInfo!.HeaderMappings!.Count);
        Assert.Equal(101, decoded.UnreadableFields.Count);
        Assert.Equal(("fileMetadata.headerMappingInfo.headerMappings[0]", "and more"), (decoded.UnreadableFields[0], decoded.UnreadableFields[^1]));
        Assert.Equal(20, MappingHealth.Judge(decoded.Import).Findings.Count(finding => finding.Code == "unknown-field"));
    }

    [Fact]
    public void Unreadable_fields_are_named_as_Wix_names_them() => Assert.Equal(
        ["event.eventTime", "event.identity", "createdDate", "fileMetadata.size"],
        Decode("""{"entity":{"_id":"i","_createdDate":"soon","fileMetadata":{"size":"big"}},"metadata":{"eventTime":"then","identity":7}}""").Observation!.UnreadableFields);

    [Theory]
    [InlineData("""{"entity":{"_id":"i"}}""")]
    [InlineData("""{"entity":{"_id":"i"},"metadata":null}""")]
    [InlineData("""{"entity":{"_id":"i"},"metadata":[]}""")]
    [InlineData("""{"entity":{"_id":"i"},"metadata":{"entityFqdn":""}}""")]
    public void Import_without_readable_metadata_is_an_import_all_the_same(string body)
    {
        var decoded = Decode(body);

        Assert.Equal((DecodedKind.Import, "i", null, null), (decoded.Kind, decoded.Observation!.Import.Id, decoded.EventId, decoded.InstanceId));
    }

    [Fact]
    public void Event_of_another_entity_is_another_event()
    {
        var decoded = Decode("""{"entity":{"_id":"i"},"metadata":{"_id":"e","entityFqdn":"wix.loyalty.v1.account"}}""");

        Assert.Equal((DecodedKind.OtherEvent, "e", "The event is about wix.loyalty.v1.account, which is no loyalty import."), (decoded.Kind, decoded.EventId, decoded.Cause));
        Assert.Null(decoded.Observation);
    }

    [Theory]
    [InlineData("{}", "The body holds no loyalty import where the SDK puts it (entity).")]
    [InlineData("""{"metadata":{"entityId":"i"}}""", "The body holds no loyalty import where the SDK puts it (entity).")]
    [InlineData("""{"entity":null,"metadata":{"entityId":"i"}}""", "The body holds no loyalty import where the SDK puts it (entity).")]
    [InlineData("""{"entity":[],"metadata":{"entityId":"i"}}""", "The body holds no loyalty import where the SDK puts it (entity).")]
    [InlineData("""{"entity":"text","metadata":{"entityId":"i"}}""", "The body holds no loyalty import where the SDK puts it (entity).")]
    [InlineData("""{"data":{"_id":"i"},"metadata":{"entityId":"i"}}""", "The body holds no loyalty import where the SDK puts it (entity).")]
    [InlineData("""{"entity":{},"metadata":{"_id":"e"}}""", "Neither the import nor the event has an id.")]
    public void Body_without_an_import_says_why(string body, string cause)
    {
        var decoded = Decode(body);

        Assert.Equal((DecodedKind.NoImport, cause), (decoded.Kind, decoded.Cause));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"{}\"")]
    public void Body_that_is_no_JSON_object_is_told_apart(string body) => Assert.Equal(DecodedKind.NotJson, Decode(body).Kind);

    private static DecodedWebhook Decode(string body) => SdkEventDecoder.Decode(Encoding.UTF8.GetBytes(body), _then);
}
