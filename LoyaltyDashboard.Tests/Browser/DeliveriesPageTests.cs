using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Playwright;

namespace LoyaltyDashboard.Tests.Browser;

public sealed class DeliveriesPageTests(Chromium chromium) : BrowserTest(chromium)
{
    [Fact]
    public async Task Deliveries_of_every_outcome_come_live_and_can_be_filtered()
    {
        var page = await OpenAsync("/deliveries");
        await Expect(page.GetByText("Nothing has come to the doors yet")).ToBeVisibleAsync();

        var webhook = await PostAsync(new WixWebhook { FileName = "twice.csv", Revision = "2" });
        await PostAsync(webhook);
        await PostAsync(webhook with { EventId = Guid.NewGuid().ToString(), Revision = "1" });
        await PostAsync(new WixWebhook { EventType = "AppRemoved" });
        await PostAsync(new WixWebhook { Event = e => e["createdEvent"] = new JsonObject() });
        await App.PostAsync("rubbish");

        await Expect(page.Locator("tr.row .status")).ToHaveTextAsync(["Rejected", "No import in it", "Ignored", "Late", "Duplicate", "Stored"]);
        await Expect(page.Locator("tr.row").First).ToContainTextAsync("The body is not a JWT of three parts.");
        await page.GetByRole(AriaRole.Link, new() { Name = "Duplicate" }).ClickAsync();
        await Expect(page.Locator("tr.row")).ToHaveCountAsync(1);
        await Expect(page.Locator("tr.row")).ToContainTextAsync("Received again");
        await Expect(page).ToHaveURLAsync(new Regex("outcome=duplicate"));
    }

    [Fact]
    public async Task Nothing_moves_under_the_pointer()
    {
        await PostAsync(new WixWebhook { FileName = "first.csv" });
        var page = await OpenAsync("/deliveries");
        await page.Locator("tr.row").First.HoverAsync();

        await PostAsync(new WixWebhook { FileName = "second.csv" });

        await Expect(page.Locator(".pill button")).ToHaveTextAsync("New deliveries");
        await Expect(page.Locator("tr.row")).ToHaveCountAsync(1);
        await page.Mouse.MoveAsync(5, 400);
        await Expect(page.Locator("tr.row")).ToHaveCountAsync(2);
        await Expect(page.Locator(".pill")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Keys_walk_from_delivery_to_delivery_and_open_it()
    {
        await PostAsync(new WixWebhook { FileName = "older.csv" });
        await PostAsync(new WixWebhook { FileName = "newer.csv" });
        var page = await OpenAsync("/deliveries");
        await Expect(page.Locator("tr.row")).ToHaveCountAsync(2);

        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page).ToHaveURLAsync(new Regex("/deliveries/1$"));
    }

    [Fact]
    public async Task Authentic_delivery_opens_to_its_body_and_a_rejected_one_has_none()
    {
        await PostAsync(new WixWebhook { FileName = "body.csv" });
        await App.PostAsync("rubbish");
        await PostAsync(new WixWebhook { FileName = "after.csv" });
        var page = await OpenAsync("/deliveries/1");

        await Expect(page.GetByText("Kept as signed, and not shown: it holds personal data.")).ToBeVisibleAsync();
        await page.GotoAsync("/deliveries?outcome=rejected");
        await page.Locator("tr.row a.file").First.ClickAsync();
        await Expect(page.GetByText("None kept: what is not authentic is not stored.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Quarantined_delivery_can_be_decoded_again_and_says_what_it_lacks()
    {
        await PostAsync(new WixWebhook { Event = e => e["createdEvent"] = new JsonObject() });
        var page = await OpenAsync("/deliveries?outcome=quarantined");

        await page.Locator("tr.row a.file").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Decode again" }).ClickAsync();

        await Expect(page.Locator(".mud-snackbar")).ToContainTextAsync("The event holds no loyalty import");
    }

    [Fact]
    public async Task Wix_test_event_is_named_and_a_second_press_is_received_again()
    {
        const string testEvent = "52269077-05f2-4b59-ba4f-36ef8c4c1e11";
        await PostAsync(new WixWebhook { FileName = "real.csv" });
        var test = await PostAsync(new WixWebhook { EventId = testEvent, FileName = "filler.csv", Entity = e => e["createdDate"] = "2019-10-30T17:22:10.299Z" });
        await PostAsync(test);
        var page = await OpenAsync();

        await Expect(new ImportsPageObject(page).Rows.First).ToContainTextAsync("Wix test event");
        await page.GotoAsync("/deliveries");
        await Expect(page.Locator("tr.row").First).ToContainTextAsync("Received again");
    }
}
