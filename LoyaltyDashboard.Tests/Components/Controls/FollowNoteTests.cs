using Bunit;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class FollowNoteTests : ComponentTests
{
    private const string Reason = "Wix did not answer within 10 s.";

    private static readonly DateTimeOffset _since = Sample.Time.AddMinutes(-12);

    [Theory]
    [InlineData(SiteLink.NotAsked, "seen")]
    [InlineData(SiteLink.Connected, "seen")]
    [InlineData(SiteLink.Unreachable, "Wix not reachable for")]
    [InlineData(SiteLink.Limited, "Wix asked us to slow down · seen")]
    [InlineData(SiteLink.NotUnderstood, "Wix answers what we cannot read · seen")]
    [InlineData(SiteLink.Refused, "not followed: Wix refuses us")]
    [InlineData(SiteLink.Removed, "not followed: app removed from the site")]
    public void Note_EveryLink_SaysItInWords(SiteLink link, string words) => Assert.Equal(words, Text(Note(Unfinished(link)).Find(".follow")));

    [Theory]
    [InlineData(SiteLink.Connected)]
    [InlineData(SiteLink.Limited)]
    [InlineData(SiteLink.NotUnderstood)]
    public void Note_WixWasHeard_TellsWhenTheImportWasLastSeen(SiteLink link)
    {
        var row = Unfinished(link);

        Assert.Equal((Format.At(row.LastSeen), false), Time(Note(row)));
    }

    [Fact]
    public void Note_Unreachable_CountsFromTheBeginningOfIt() => Assert.Equal((Format.At(_since), true), Time(Note(Unfinished(SiteLink.Unreachable))));

    [Theory]
    [InlineData(SiteLink.Unreachable)]
    [InlineData(SiteLink.Limited)]
    [InlineData(SiteLink.NotUnderstood)]
    [InlineData(SiteLink.Refused)]
    [InlineData(SiteLink.Removed)]
    public void Note_LinkHasAReason_IsItsTitle(SiteLink link) => Assert.Equal(Reason, Note(Unfinished(link)).Find(".follow").GetAttribute("title"));

    [Theory]
    [InlineData(ImportStatus.Imported)]
    [InlineData(ImportStatus.Failed)]
    public void Note_Finished_IsNothing(ImportStatus status)
    {
        var row = Unfinished(SiteLink.Refused) with { Status = status };

        Assert.Empty(Note(row with { Follow = row.Follow with { Stuck = _since, Gone = _since } }).Nodes);
    }

    [Fact]
    public void Note_TestEvent_IsNothing() => Assert.Empty(Note(Unfinished(SiteLink.Refused) with { IsTestEvent = true }).Nodes);

    [Fact]
    public void Note_DeletedAtWix_SaysWhenBeforeAnythingElse()
    {
        HasAppSecret = false;
        var row = Unfinished(SiteLink.Refused);

        var note = Note(row with { Follow = row.Follow with { Gone = _since } });

        Assert.Equal("deleted at Wix", Text(note.Find(".follow")));
        Assert.Equal((Format.At(_since), false), Time(note));
        Assert.Contains("What was known of it is kept", note.Find(".follow").GetAttribute("title"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SiteLink.NotAsked)]
    [InlineData(SiteLink.Unreachable)]
    [InlineData(SiteLink.Removed)]
    public void Note_NoAppSecret_SaysSoWhateverTheLinkWas(SiteLink link)
    {
        HasAppSecret = false;

        var note = Note(Unfinished(link) with { Site = null });

        Assert.Equal("not followed: no app secret set", Text(note.Find(".follow")));
        Assert.Contains("Wix:AppSecret", note.Find(".follow").GetAttribute("title"), StringComparison.Ordinal);
    }

    [Fact]
    public void Note_NoSite_SaysSo() => Assert.Equal("not followed: no site named", Text(Note(Unfinished(SiteLink.NotAsked) with { Site = null }).Find(".follow")));

    [Fact]
    public void Stuck_InAList_IsATagThatTellsWhyWhenAsked()
    {
        var tag = Note(Stuck("Longer in Parsing than usual.")).Find(".tag.stuck");

        Assert.Equal(("Stuck", "Longer in Parsing than usual."), (Text(tag), tag.GetAttribute("title")));
        Assert.NotNull(tag.QuerySelector("svg"));
        Assert.DoesNotContain("Longer", Text(Note(Stuck("Longer in Parsing than usual."))), StringComparison.Ordinal);
    }

    [Fact]
    public void Stuck_InFull_TellsWhyAsText() => Assert.Equal(["Longer in Parsing than usual."], Note(Stuck("Longer in Parsing than usual."), inFull: true).FindAll(".reason").Select(Text));

    [Fact]
    public void Stuck_WithoutAReason_StillSaysSomething() => Assert.NotEmpty(Note(Stuck(null), inFull: true).Find(".reason").TextContent);

    [Fact]
    public void InFull_TroubleWithTheLink_TellsWhyAndWhenTheImportWasLastSeen()
    {
        var row = Unfinished(SiteLink.Unreachable);

        var note = Note(row, inFull: true);

        Assert.Equal([Reason], note.FindAll(".reason").Select(Text));
        Assert.Equal([Format.At(_since), Format.At(row.LastSeen)], note.FindAll("ago-time").Select(t => t.GetAttribute("at")));
    }

    [Fact]
    public void InFull_AllIsWell_TellsWhenWixIsAskedAgain()
    {
        var row = Unfinished(SiteLink.Connected);

        var times = Note(row with { Follow = row.Follow with { NextAsk = _since, LinkReason = null } }, inFull: true).FindAll("ago-time");

        Assert.Equal([(Format.At(row.LastSeen), false), (Format.At(_since), true)], times.Select(t => (t.GetAttribute("at"), t.HasAttribute("due"))));
    }

    [Fact]
    public void Reason_WithMarksThatTurnText_ShowsThem()
    {
        var row = Unfinished(SiteLink.Refused);

        var note = Note(row with { Follow = row.Follow with { LinkReason = Sample.Hostile } }, inFull: true);

        Assert.Empty(note.FindAll("script"));
        Assert.Equal((Sample.HostileAsShown, Sample.HostileAsShown), (note.Find(".reason").TextContent, note.Find(".follow").GetAttribute("title")));
    }

    private static ImportRow Unfinished(SiteLink link) =>
        Sample.Row(Sample.Import with { Status = "PARSING" }) with { Follow = FollowView.None with { Link = link, LinkSince = _since, LinkReason = link is SiteLink.NotAsked or SiteLink.Connected ? null : Reason } };

    private static ImportRow Stuck(string? reason)
    {
        var row = Unfinished(SiteLink.Connected);
        return row with { Follow = row.Follow with { Stuck = _since, StuckReason = reason } };
    }

    private static (string? At, bool IsSpan) Time(IRenderedComponent<FollowNote> note)
    {
        var time = note.Find(".follow ago-time");
        return (time.GetAttribute("at"), time.HasAttribute("span"));
    }

    private IRenderedComponent<FollowNote> Note(ImportRow row, bool inFull = false) => Render<FollowNote>(p => p.Add(c => c.Row, row).Add(c => c.InFull, inFull));
}
