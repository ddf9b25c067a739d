using Bunit;
using LoyaltyDashboard.Components.Panels;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Components.Panels;

public sealed class EventPanelTests : ComponentTests
{
    [Fact]
    public void Event_Known_SaysWhoAndHowLongEachSideTook()
    {
        var panel = Panel(Sample.Detail());
        var text = Text(panel);

        Assert.Contains("MEMBER · member-9", text, StringComparison.Ordinal);
        Assert.Contains("2 s from the event to our door", text, StringComparison.Ordinal);
        Assert.Contains("3 ms to store and answer", text, StringComparison.Ordinal);
        Assert.Equal("deliveries/17", panel.Find("a").GetAttribute("href"));
    }

    [Fact]
    public void Event_ClocksDiffer_ClaimsNoNegativeTime()
    {
        var late = Sample.Detail(Sample.Import, Sample.Event with { EventTime = Sample.Time.AddHours(1) });

        Assert.DoesNotContain("from the event to our door", Text(Panel(late)), StringComparison.Ordinal);
    }

    [Fact]
    public void Event_None_SaysThatOnlyTheApiSawTheImport() => Assert.Contains("only the Wix API has seen it", Text(Panel(Sample.Detail(Sample.Import, null))), StringComparison.Ordinal);

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    public void Identity_NotWhatWixDocuments_IsNotKnown(string json)
    {
        var odd = Sample.Event with { Identity = Sample.Json(json), AccountInfo = Sample.Json(json) };

        var text = Text(Panel(Sample.Detail(Sample.Import, odd)));

        Assert.Contains("Who Not known yet", text, StringComparison.Ordinal);
        Assert.Contains("Account Not sent", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Identity_PartIsNull_ShowsOnlyWhatIsThere()
    {
        var someone = Sample.Event with { Identity = Sample.Json("""{"identityType":"APP","appId":null,"nested":{"a":1}}""") };

        Assert.Contains("""APP · {"a":1}""", Text(Panel(Sample.Detail(Sample.Import, someone))), StringComparison.Ordinal);
    }

    [Fact]
    public void AnswerTime_NotNotedYet_IsNotKnown()
    {
        var detail = Sample.Detail() with { EventDelivery = new DeliveryRecord { RowId = 17, ReceivedAt = Sample.Time } };

        Assert.Contains("We took Not known yet", Text(Panel(detail)), StringComparison.Ordinal);
    }

    private IRenderedComponent<EventPanel> Panel(ImportDetail detail) => Render<EventPanel>(p => p.Add(c => c.Detail, detail));
}
