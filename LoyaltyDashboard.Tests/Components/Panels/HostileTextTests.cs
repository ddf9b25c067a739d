using Bunit;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Components.Panels;
using LoyaltyDashboard.Imports;
using Microsoft.AspNetCore.Components;

namespace LoyaltyDashboard.Tests.Components.Panels;

/// <summary>Text from strangers is text: nothing of it becomes markup, hides or turns its surroundings, and none of it is lost.</summary>
public sealed class HostileTextTests : ComponentTests
{
    private static readonly string _long = Sample.Hostile + new string('x', 1_000);
    private static readonly string _longAsShown = Sample.HostileAsShown + new string('x', 1_000);

    private static readonly LoyaltyImport _hostile = Sample.Import with
    {
        Status = _long,
        AsyncImportJobId = _long,
        Revision = _long,
        FileMetadata = new()
        {
            Name = _long,
            Url = _long,
            Header = new() { Values = [_long, _long, _long] },
            HeaderMappingInfo = new() { HeaderMappings = [new() { ColumnName = "EMAIL", ColumnIndex = 1 }, new() { ColumnName = "POINTS", ColumnIndex = 2 }, new() { ColumnName = _long, ColumnIndex = 0 }] },
            SampleDataRows = [new() { Values = [_long, _long, _long] }],
        },
        ParseResult = new() { ParseErrorReason = _long },
    };

    private static readonly EventMetadata _event = new()
    {
        Id = _long,
        EntityFqdn = _long,
        Slug = _long,
        EntityId = _long,
        EventType = _long,
        OriginatedFrom = _long,
        EntityEventSequence = _long,
        InstanceId = _long,
        Identity = Sample.Json("""{"identityType":"<script>alert(1)</script>","memberId":null}"""),
        AccountInfo = Sample.Json("""{"accountId":"<script>alert(1)</script>"}"""),
    };

    [Fact]
    public void FilePanel_HostileTexts_AreShownWholeAsText() => AssertShownAsText<FilePanel>("Detail", Sample.Detail(_hostile, _event), 4);

    [Fact]
    public void MappingPanel_HostileHeadings_AreShownWholeAsText() => AssertShownAsText<MappingPanel>("Detail", Sample.Detail(_hostile, _event), 4);

    [Fact]
    public void ResultPanel_HostileReason_IsShownWholeAsText() => AssertShownAsText<ResultPanel>("Detail", Sample.Detail(_hostile, _event), 1);

    [Fact]
    public void EventPanel_HostileTexts_AreShownWholeAsText() => AssertShownAsText<EventPanel>("Detail", Sample.Detail(_hostile, _event), 8);

    [Fact]
    public void StepperPanel_HostileStatus_IsShownWholeAsText() => AssertShownAsText<StepperPanel>("Detail", Sample.Detail(_hostile, _event), 1);

    [Fact]
    public void HistoryPanel_HostileStatusAndRevision_AreShownWholeAsText() =>
        AssertShownAsText<HistoryPanel>("Detail", Sample.Detail(_hostile, _event) with { Observations = [Sample.Observation(_long, _long, 0)] }, 2);

    [Fact]
    public void SampleTable_HostileHeadingsAndCells_AreShownWholeAsText() => AssertShownAsText<SampleTable>("Detail", Sample.Detail(_hostile), 6);

    [Fact]
    public void SamplePreview_HostileFieldName_IsShownWholeAsText()
    {
        var preview = Render<SamplePreview>(p => p.Add(c => c.Detail, Sample.Detail(_hostile)).Add(c => c.Href, "imports/1"));

        Assert.Empty(preview.FindAll("script"));
        Assert.Contains(_longAsShown, preview.Find(".samples-foot").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', preview.Find(".samples-foot").TextContent);
    }

    [Fact]
    public void RawPanel_HostileJson_IsShownAsText() => AssertShownAsText<RawPanel>("Json", _long, 1);

    [Fact]
    public void ImportListRow_HostileTexts_AreShownAsTextAndWholeInTheTitle()
    {
        var row = Render<ImportListRow>(p => p.Add(c => c.Row, Sample.Row(_hostile with { ImportResult = null }) with { Site = new(Sample.Hostile, Sample.Hostile, null) }));

        Assert.Empty(row.FindAll("script"));
        var shown = row.Find("a.file").TextContent;
        Assert.EndsWith("…", shown, StringComparison.Ordinal);
        Assert.StartsWith(shown[..^1], _longAsShown, StringComparison.Ordinal);
        Assert.Equal(_long, row.Find(".c-file").GetAttribute("title"));
        Assert.Equal(_long, row.Find(".c-result span").GetAttribute("title"));
        Assert.Equal(Sample.HostileAsShown, row.Find(".c-site").TextContent);
        Assert.Equal(_longAsShown, row.Find(".c-status .status").TextContent);
        Assert.DoesNotContain('\u202E', row.Find("tr").TextContent);
    }

    [Fact]
    public void ImportListRow_HostileIdWithoutAName_IsShownAsText()
    {
        var row = Render<ImportListRow>(p => p.Add(c => c.Row, Sample.Row(Sample.Bare with { Id = "\u202E/../?#<b>" }) with { Site = new("\u202E", null, null) }));

        Assert.Equal("Import \uFFFD/../?#<", row.Find("a.file").TextContent);
        Assert.Equal("imports/%E2%80%AE%2F..%2F%3F%23%3Cb%3E", row.Find("a.file").GetAttribute("href"));
        Assert.Equal("Site \uFFFD", row.Find(".c-site").TextContent);
    }

    private void AssertShownAsText<T>(string parameter, object value, int atLeast) where T : IComponent
    {
        var rendered = Render<DynamicComponent>(p => p.Add(c => c.Type, typeof(T)).Add(c => c.Parameters, new Dictionary<string, object> { [parameter] = value }));
        var text = string.Concat(rendered.Nodes.Select(node => node.TextContent));

        Assert.Empty(rendered.FindAll("script"));
        Assert.DoesNotContain('\u202E', text);
        Assert.DoesNotContain('\u0007', text);
        Assert.InRange(text.Split(_longAsShown).Length - 1, atLeast, 100);
    }
}
