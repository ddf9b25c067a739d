using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace LoyaltyDashboard.Tests.Browser;

/// <summary>The pages of the sign-in in a real browser: passkeys, and how they look.</summary>
public sealed class EntrancePageTests(Chromium chromium) : BrowserTest(chromium)
{
    [Fact]
    public async Task Passkey_is_added_named_signs_in_and_is_removed()
    {
        var id = await App.AddAsync("ann@example.com");
        var page = await OpenAsync("/account", cookie: await App.Services.SignInAsync(email: "ann@example.com"), host: "localhost", isPlain: true);
        var devices = await page.Context.NewCDPSessionAsync(page);
        await devices.SendAsync("WebAuthn.enable");
        await devices.SendAsync("WebAuthn.addVirtualAuthenticator", new() { ["options"] = new Dictionary<string, object> { ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true } });

        await page.GetByLabel("Name of a new one").FillAsync("Laptop");
        await page.Locator("form:has([data-passkey]) input[name=password]").FillAsync(Visitor.GoodPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("added");
        var name = page.GetByLabel("Name of the passkey");
        await Expect(name).ToHaveValueAsync("Laptop");
        await name.FillAsync("Old laptop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
        await Expect(name).ToHaveValueAsync("Old laptop");

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out here" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await ReadyAsync(page);
        Assert.Contains(App.Audit(AuditAction.SignIn), line => line.Actor == $"user:{id}" && line.Detail == "by passkey");

        await page.GotoAsync("/account");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Expect(name).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out here" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("did not sign you in");
    }

    [Fact]
    public async Task Passkey_of_a_shut_account_signs_nobody_in()
    {
        await App.AddAsync("ann@example.com");
        var page = await OpenAsync("/account", cookie: await App.Services.SignInAsync(email: "ann@example.com"), host: "localhost", isPlain: true);
        var devices = await page.Context.NewCDPSessionAsync(page);
        await devices.SendAsync("WebAuthn.enable");
        await devices.SendAsync("WebAuthn.addVirtualAuthenticator", new() { ["options"] = new Dictionary<string, object> { ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true } });
        await page.Locator("form:has([data-passkey]) input[name=password]").FillAsync(Visitor.GoodPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("added");
        await App.Services.ChangeAsync("ann@example.com", account => account.Disabled = DateTimeOffset.UnixEpoch);

        await page.GotoAsync("/sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("did not sign you in");
    }

    [Theory]
    [InlineData("light", 1440)]
    [InlineData("dark", 1440)]
    [InlineData("light", 390)]
    [InlineData("dark", 390)]
    public async Task Every_page_is_accessible_and_fits(string theme, int width)
    {
        var links = App.Services.GetRequiredService<Links>();
        var nobody = new System.Net.Cookie("loyalty-dashboard", "none");
        var empty = await OpenAsync("/sign-in", theme, width, isPlain: true, cookie: nobody);
        await LookTests.CheckAsync(empty, "nobody yet");
        var id = await App.AddAsync("ann@example.com");
        var cookie = await App.Services.SignInAsync(email: "ann@example.com");
        foreach (var (path, who) in ((string, System.Net.Cookie)[])[("/sign-in", nobody), ("/sign-in/two-factor", nobody), ("/enter/x", nobody), (await links.ForInviteAsync(Role.Viewer, ["x"], Stop), nobody), (await links.ForResetAsync(id, Stop), nobody), ("/no-access", cookie), ("/account", cookie)])
        {
            var page = await OpenAsync(path, theme, width, isPlain: true, cookie: who);
            await LookTests.CheckAsync(page, $"{path} {theme} {width}");
            await page.Context.CloseAsync();
        }
    }
}
