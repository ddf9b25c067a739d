using Bunit;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Following;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class AskWixTests : ComponentTests
{
    private readonly TaskCompletionSource<RefreshResult> _answer = new();
    private CancellationToken _gone;
    private int _asked;
    private int _told;

    [Theory]
    [InlineData(true, Severity.Success)]
    [InlineData(false, Severity.Warning)]
    public async Task Click_Answered_SaysWhatCameOfIt(bool succeeded, Severity severity)
    {
        var button = Button();

        var click = button.Find("button").ClickAsync();
        _answer.SetResult(new(succeeded, "Wix says: Parsing."));
        await click;

        var message = Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars);
        Assert.Equal(("Wix says: Parsing.", severity), (message.Message, message.Severity));
        Assert.Equal((1, 1), (_asked, _told));
    }

    [Fact]
    public async Task Click_UnderWay_CannotBeClickedAgain()
    {
        var button = Button();

        var click = button.Find("button").ClickAsync();

        Assert.True(button.Find("button").HasAttribute("disabled"));
        Assert.Equal("Wix is being asked", button.Find("button").GetAttribute("title"));
        await button.InvokeAsync(() => button.Find("button").ClickAsync());
        Assert.Equal(1, _asked);
        _answer.SetResult(new(true, "done"));
        await click;
        Assert.False(button.Find("button").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Click_DatabaseDoesNotAnswer_SaysSo()
    {
        var button = Button();

        var click = button.Find("button").ClickAsync();
        _answer.SetException(new SqliteException("locked", 5));
        await click;

        Assert.StartsWith("The database did not answer", Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars).Message, StringComparison.Ordinal);
        Assert.False(button.Find("button").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Dispose_UnderWay_IsAskedToTheEnd()
    {
        _ = Button().Find("button").ClickAsync();

        await DisposeComponentsAsync();

        Assert.False(_gone.IsCancellationRequested);
    }

    [Theory]
    [InlineData(true, null, "Asks Wix")]
    [InlineData(false, null, "Imports are not followed: no app secret is set (Wix:AppId and Wix:AppSecret).")]
    [InlineData(true, "No site.", "No site.")]
    [InlineData(false, "No site.", "No site.")]
    public void Title_TellsWhatAClickDoesOrWhyNone(bool hasAppSecret, string? impossible, string title)
    {
        HasAppSecret = hasAppSecret;

        var button = Button(impossible).Find("button");

        Assert.Equal((title, title != "Asks Wix"), (button.GetAttribute("title"), button.HasAttribute("disabled")));
    }

    private IRenderedComponent<AskWix> Button(string? impossible = null) => Render<AskWix>(p => p
        .Add(c => c.Title, "Asks Wix")
        .Add(c => c.Impossible, impossible)
        .Add(c => c.OnAsked, () => _told++)
        .Add(c => c.Ask, gone =>
        {
            (_gone, _asked) = (gone, _asked + 1);
            return _answer.Task;
        }));
}
