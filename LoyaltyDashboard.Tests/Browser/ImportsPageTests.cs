using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Playwright;

namespace LoyaltyDashboard.Tests.Browser;

public sealed class ImportsPageTests(Chromium chromium) : BrowserTest(chromium)
{
    [Fact]
    public async Task Import_arrives_in_two_browsers_without_a_reload()
    {
        var (one, other) = (await OpenAsync(), await OpenAsync("/?status=INITIATED"));
        await Expect(one.GetByText("No import has arrived yet")).ToBeVisibleAsync();

        await PostAsync(new WixWebhook { FileName = "arrives.csv" });

        foreach (var page in (IPage[])[one, other])
        {
            await Expect(new ImportsPageObject(page).Row("arrives.csv")).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task Status_changes_in_place_when_a_later_revision_comes()
    {
        var webhook = await PostAsync(new WixWebhook { FileName = "moves.csv" });
        await PostAsync(new WixWebhook { FileName = "other.csv" });
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);
        await Expect(imports.Row("moves.csv")).ToContainTextAsync("Initiated");
        // Even under the pointer: nothing moves, the words change.
        await imports.Row("moves.csv").HoverAsync();

        await PostAsync(webhook with { EventId = Guid.NewGuid().ToString(), Revision = "2", Status = "PARSING" });

        await Expect(imports.Row("moves.csv")).ToContainTextAsync("Parsing");
        Assert.Equal(["other.csv", "moves.csv"], await imports.FileNamesAsync());
    }

    [Fact]
    public async Task Filters_live_in_the_address_and_Back_restores_them()
    {
        await SeedAsync(3, i => new WixWebhook { FileName = $"parsed-{i}.csv", Status = "PARSED" });
        await SeedAsync(2, i => new WixWebhook { FileName = $"failed-{i}.csv", Status = "FAILED" });
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);
        await Expect(imports.Rows).ToHaveCountAsync(5);

        await imports.ChooseAsync("Status", "Failed");
        await Expect(imports.Rows).ToHaveCountAsync(2);
        await Expect(page).ToHaveURLAsync(new Regex(@"\?status=FAILED$"));
        await imports.FileLinks.First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "failed-2.csv" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Next" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "failed-1.csv" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Next" })).ToHaveCountAsync(0);

        await page.GoBackAsync();
        await page.GoBackAsync();
        await Expect(page).ToHaveURLAsync(new Regex(@"/\?status=FAILED$"));
        await Expect(imports.Rows).ToHaveCountAsync(2);
        await Expect(imports.Chips).ToHaveTextAsync([new Regex("Failed")]);

        await page.ReloadAsync();
        await ReadyAsync(page);
        await Expect(imports.Rows).ToHaveCountAsync(2);
        await page.GoBackAsync();
        await Expect(imports.Rows).ToHaveCountAsync(5);
    }

    [Fact]
    public async Task Typing_in_the_search_narrows_the_list_and_the_address_follows()
    {
        await SeedAsync(12);
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);

        await page.Keyboard.PressAsync("/");
        await Expect(imports.Search).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("FILE-011");

        await Expect(imports.FileLinks).ToHaveTextAsync(["file-011.csv"]);
        await Expect(page).ToHaveURLAsync(new Regex("q=FILE-011"));
        await imports.Search.FillAsync("no such thing");
        await Expect(page.GetByText("Nothing matches")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Clear the filters" }).ClickAsync();
        await Expect(imports.Rows).ToHaveCountAsync(12);
        await Expect(imports.Search).ToHaveValueAsync(string.Empty);
    }

    [Fact]
    public async Task Tiles_filter_exactly_what_they_count()
    {
        await SeedAsync(3, i => new WixWebhook { FileName = $"parsed-{i}.csv", Status = "PARSED" });
        await SeedAsync(2, i => new WixWebhook { FileName = $"failed-{i}.csv", Status = "FAILED" });
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);
        await Expect(imports.Tile("Waiting for Execute")).ToContainTextAsync("3");

        await imports.Tile("Waiting for Execute").ClickAsync();

        await Expect(imports.Rows).ToHaveCountAsync(3);
        await imports.Tile("Waiting for Execute").ClickAsync();
        await Expect(imports.Rows).ToHaveCountAsync(5);
    }

    [Fact]
    public async Task Sorting_and_paging_go_through_the_address()
    {
        await SeedAsync(60);
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);
        await Expect(imports.FileLinks.First).ToHaveTextAsync("file-060.csv");

        await imports.Heading("File").ClickAsync();
        await Expect(imports.FileLinks.First).ToHaveTextAsync("file-001.csv");
        await imports.Heading("File").ClickAsync();
        await Expect(imports.FileLinks.First).ToHaveTextAsync("file-060.csv");
        await imports.Heading("File").ClickAsync();
        await Expect(imports.FileLinks.First).ToHaveTextAsync("file-001.csv");
        await Expect(page.Locator("th[aria-sort=ascending]")).ToHaveTextAsync(new Regex("File"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Next" }).ClickAsync();

        await Expect(imports.FileLinks.First).ToHaveTextAsync("file-051.csv");
        await Expect(imports.Rows).ToHaveCountAsync(10);
        await Expect(page).ToHaveURLAsync(new Regex("sort=file&dir=asc&page=2"));
        await page.GetByLabel("Rows a page").SelectOptionAsync("25");
        await Expect(imports.Rows).ToHaveCountAsync(25);
        await Expect(imports.FileLinks.First).ToHaveTextAsync("file-001.csv");
    }

    [Fact]
    public async Task Sample_rows_open_in_place_with_the_mapped_columns_marked()
    {
        await PostAsync(WithSamples("samples.csv"));
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);

        await imports.Row("samples.csv").GetByRole(AriaRole.Button).ClickAsync();

        await Expect(imports.Samples.Locator("th.mapped")).ToHaveTextAsync([new Regex("EMAIL.*email", RegexOptions.Singleline), new Regex("POINTS.*points", RegexOptions.Singleline)]);
        await Expect(imports.Samples.GetByText("a•••@e•••.com")).ToBeVisibleAsync();
        await Expect(imports.Samples.Locator("td.wrong")).ToHaveTextAsync(["00.0"]);
        await imports.Row("samples.csv").GetByRole(AriaRole.Button).ClickAsync();
        await Expect(imports.Samples).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Click_anywhere_on_a_row_opens_it_but_on_its_name_its_page()
    {
        await PostAsync(WithSamples("row.csv"));
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);

        await imports.Row("row.csv").Locator(".c-site").ClickAsync();
        await Expect(imports.Samples).ToBeVisibleAsync();
        await Expect(page.Locator("tr.detail .findings")).ToContainTextAsync("1 of 2 sample cells");
        await imports.Row("row.csv").Locator(".c-site").ClickAsync();
        await Expect(imports.Samples).ToHaveCountAsync(0);
        await imports.Row("row.csv").Locator("a.file").ClickAsync();
        await Expect(page.Locator(".steps")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Nothing_moves_while_a_row_is_open_and_the_pill_brings_what_waited()
    {
        await PostAsync(WithSamples("open.csv"));
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);
        await imports.Row("open.csv").GetByRole(AriaRole.Button).ClickAsync();
        await Expect(imports.Samples).ToBeVisibleAsync();

        await PostAsync(new WixWebhook { FileName = "later-1.csv" });
        await PostAsync(new WixWebhook { FileName = "later-2.csv" });

        await Expect(imports.Pill).ToHaveTextAsync("2 new");
        await Expect(imports.Rows).ToHaveCountAsync(1);
        await imports.Pill.ClickAsync();
        await Expect(imports.FileLinks).ToHaveTextAsync(["later-2.csv", "later-1.csv", "open.csv"]);
        await Expect(imports.Samples).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Arrivals_wait_in_the_pill_while_the_pointer_is_on_the_table()
    {
        await PostAsync(new WixWebhook { FileName = "first.csv" });
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);
        await imports.Row("first.csv").HoverAsync();

        await PostAsync(new WixWebhook { FileName = "second.csv" });

        await Expect(imports.Pill).ToHaveTextAsync("1 new");
        await Expect(imports.Rows).ToHaveCountAsync(1);
        await imports.PointerAwayAsync();
        await Expect(imports.FileLinks).ToHaveTextAsync(["second.csv", "first.csv"]);
        await Expect(imports.Pill).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Pause_freezes_the_list_counts_what_waits_and_resume_shows_it()
    {
        await PostAsync(new WixWebhook { FileName = "before.csv" });
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);
        await imports.Pause.ClickAsync();
        await Expect(imports.Badge).ToHaveTextAsync("Paused");

        await SeedAsync(3);

        await Expect(imports.Pause).ToContainTextAsync("3 new");
        await Expect(imports.Rows).ToHaveCountAsync(1);
        await imports.Pause.ClickAsync();
        await Expect(imports.FileLinks).ToHaveTextAsync(["file-003.csv", "file-002.csv", "file-001.csv", "before.csv"]);
        await Expect(imports.Badge).ToHaveTextAsync("Live");
    }

    [Fact]
    public async Task Everything_can_be_done_with_the_keyboard_alone()
    {
        await PostAsync(WithSamples("keys-1.csv"));
        await PostAsync(WithSamples("keys-2.csv"));
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);
        await Expect(imports.Rows).ToHaveCountAsync(2);

        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        await Expect(page.Locator("tr.current")).ToContainTextAsync("keys-1.csv");
        await page.Keyboard.PressAsync("k");
        await Expect(page.Locator("tr.current")).ToContainTextAsync("keys-2.csv");
        await page.Keyboard.PressAsync("x");
        await Expect(imports.Samples).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(imports.Samples).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("p");
        await Expect(imports.Badge).ToHaveTextAsync("Paused");
        await page.Keyboard.PressAsync("p");
        await Expect(imports.Badge).ToHaveTextAsync("Live");
        await page.Keyboard.PressAsync("?");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Sample rows in place");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("e");
        await Expect(imports.MenuItem("CSV")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(imports.MenuItem("CSV")).ToHaveCountAsync(0);
        var listener = await page.Locator("html").GetAttributeAsync("data-keys");
        await page.Keyboard.PressAsync("o");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "keys-2.csv" })).ToBeVisibleAsync();
        await Expect(page.Locator("html")).Not.ToHaveAttributeAsync("data-keys", listener!);
        await page.Keyboard.PressAsync("j");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "keys-1.csv" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(imports.Rows).ToHaveCountAsync(2);

        // And with Tab: from the top of the page to the first file, whose name is a real link.
        await page.Keyboard.PressAsync("Home");
        for (var i = 0; i < 40 && await page.EvaluateAsync<bool>("!document.activeElement.matches('tr.row a.file')"); i++)
        {
            await page.Keyboard.PressAsync("Tab");
            Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
        }

        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "keys-2.csv" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Export_menu_says_how_many_rows_and_the_file_holds_exactly_the_list()
    {
        await SeedAsync(4, i => new WixWebhook { FileName = $"in, {i}.csv", Status = "PARSED" });
        await SeedAsync(3, i => new WixWebhook { FileName = $"out-{i}.csv", Status = "FAILED" });
        var page = await OpenAsync("/?status=PARSED&sort=file&dir=asc");
        var imports = new ImportsPageObject(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Export" }).ClickAsync();
        await Expect(page.GetByText("4 rows, all pages")).ToBeVisibleAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => imports.MenuItem("CSV").ClickAsync());

        Assert.Matches(@"^loyalty-imports-\d{4}-\d\d-\d\d\.csv$", download.SuggestedFilename);
        var lines = (await File.ReadAllTextAsync((await download.PathAsync())!, Stop)).Split("\r\n");
        Assert.StartsWith("id,instanceId,site,status,", lines[0].TrimStart('\uFEFF'));
        Assert.Equal(["\"in, 1.csv\"", "\"in, 2.csv\"", "\"in, 3.csv\"", "\"in, 4.csv\""], lines[1..^1].Select(line => Regex.Match(line, "\"[^\"]*\"").Value));
        Assert.Equal(string.Empty, lines[^1]);
        await Expect(page.Locator(".progress")).ToHaveTextAsync("Exported 4 rows");
    }

    [Fact]
    public async Task Excel_and_JSON_Lines_come_from_the_same_menu()
    {
        await SeedAsync(2);
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);
        foreach (var (word, ending) in ((string, string)[])[("Excel", ".xlsx"), ("JSON Lines", ".jsonl")])
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Export" }).ClickAsync();
            var download = await page.RunAndWaitForDownloadAsync(() => imports.MenuItem(word).ClickAsync());
            Assert.EndsWith(ending, download.SuggestedFilename, StringComparison.Ordinal);
            Assert.True(new FileInfo((await download.PathAsync())!).Length > 100);
        }
    }

    [Fact]
    public async Task Address_with_unknown_words_shows_the_default_and_says_so()
    {
        await SeedAsync(2);
        var page = await OpenAsync("/?status=SLEEPING&sort=colour&nonsense=1");

        await Expect(new ImportsPageObject(page).Rows).ToHaveCountAsync(2);
        await Expect(page.Locator(".notice div")).ToHaveTextAsync([new Regex("status"), new Regex("sort"), new Regex("nonsense")]);
    }

    [Fact]
    public async Task Burst_of_five_hundred_leaves_the_page_usable()
    {
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => PostAsync(new WixWebhook { FileName = $"burst-{i}.csv" })));

        await Expect(page.Locator(".pager")).ToContainTextAsync("500 rows");
        await imports.Heading("File").ClickAsync();
        await Expect(imports.FileLinks.First).ToHaveTextAsync("burst-0.csv");
    }

    [Fact]
    public async Task Hostile_names_are_shown_as_text_and_whole_on_demand()
    {
        var name = "<img src=x onerror=alert(1)>\u202Egpj.exe\u0007" + new string('n', 1_000);
        var webhook = await PostAsync(new WixWebhook { FileName = name, Entity = e => e["fileMetadata"]!["url"] = "javascript:alert(1)" });
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);

        await Expect(imports.FileLinks.First).ToContainTextAsync("<img src=x onerror=alert(1)>");
        Assert.Equal(0, await page.Locator("main img").CountAsync());
        Assert.Equal(name, await imports.Rows.First.Locator(".c-file").GetAttributeAsync("title"));
        await imports.FileLinks.First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("<img src=x");
        await Expect(page.Locator(".panel", new() { HasText = "At Wix" })).ToBeVisibleAsync();
        Assert.Equal(0, await page.Locator("a[href^=javascript]").CountAsync());
        Assert.EndsWith("/imports/" + webhook.ImportId, page.Url, StringComparison.Ordinal);
    }

    internal static WixWebhook WithSamples(string fileName) => new()
    {
        FileName = fileName,
        Status = "PARSED",
        Entity = entity =>
        {
            var file = entity["fileMetadata"]!.AsObject();
            file["header"] = new JsonObject { ["values"] = new JsonArray("name", "email", "points") };
            file["headerMappingInfo"] = new JsonObject
            {
                ["headerMappings"] = new JsonArray(new JsonObject { ["columnName"] = "EMAIL", ["columnIndex"] = 1 }, new JsonObject { ["columnName"] = "POINTS", ["columnIndex"] = 2 }),
            };
            file["sampleDataRows"] = new JsonArray(
                new JsonObject { ["values"] = new JsonArray("Ann", "ann@example.com", "120") }, new JsonObject { ["values"] = new JsonArray("Bo", "bo@example.com", "12.5") });
            entity["parseResult"] = new JsonObject { ["parsedRowCount"] = 2 };
        },
    };
}
