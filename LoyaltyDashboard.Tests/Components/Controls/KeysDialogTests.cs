using Bunit;
using LoyaltyDashboard.Components.Controls;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class KeysDialogTests : ComponentTests
{
    [Fact]
    public async Task Dialog_Open_ListsEveryKeyWithWhatItDoes()
    {
        var dialogs = Render<MudDialogProvider>();

        await dialogs.InvokeAsync(() => Services.GetRequiredService<IDialogService>().ShowAsync<KeysDialog>());

        Assert.Equal("Keys", Text(dialogs.Find("h2")));
        Assert.Equal(["/", "j", "k", "Enter", "x", "p", "e", "?", "Esc", "j k", "u"], dialogs.FindAll("kbd").Select(Text));
        Assert.All(dialogs.FindAll("kbd + span"), what => Assert.NotEmpty(Text(what)));
    }
}
