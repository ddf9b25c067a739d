using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace LoyaltyDashboard.Tests.Browser;

/// <summary>
/// An import whose every personal field holds a mark of its own comes in. A viewer looks at everything that can be looked at: the marks are in not one byte of it, and in no line of
/// the log at its most talkative. An operator who asks to see them does, which shows that this test can find them.
/// </summary>
public sealed class CanaryTests(Chromium chromium) : BrowserTest(chromium), IClassFixture<Chromium>
{
    private const string Import = "11111111-2222-4333-8444-555555555555";
    private const string NotReadable = "a delivery without an import";

    // Each is looked for as it stands, in any case. None of them is part of what a mask leaves.
    private static readonly string[] _marks =
    [
        "qzxmailone", "qzxmailtwo", "qzxdomain", "Qzxfirstname", "Qzxlastname", "+49 171 5550123", "5550123", "12345678901", "qzxheading", "qzxfile", "qzxreason", "qzxmember", "qzxvisitor", "qzxwixuser",
        "qzxapp", "qzxerrorrow", "Qzxerrorname", "qzxquarantined", "qzxlink",
    ];

    private static readonly byte[] _errorFile = Encoding.UTF8.GetBytes("email,name,reason\r\nqzxerrorrow@qzxdomain.example,Qzxerrorname,Invalid e-mail qzxerrorrow@qzxdomain.example\r\n");

    private readonly ConcurrentQueue<string> _log = new();
    private readonly ConcurrentQueue<(string From, byte[] Bytes)> _received = new();

    protected override DashboardApp StartApp() => DashboardApp.Start(services: services =>
    {
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddFilter(null, LogLevel.Trace).AddProvider(new Everything(_log)));
        services.Replace(ServiceDescriptor.Singleton(new ErrorFiles((_, _, _) => Task.FromResult(new Uri("https://files.example/qzxlink.csv")), (_, _) => Task.FromResult<Stream>(new MemoryStream(_errorFile)), canOpen: true)));
    });

    [Fact]
    public async Task Viewer_receives_no_mark_and_the_log_has_none()
    {
        await ArriveAsync();

        await CrawlAsync(Role.Viewer);

        Assert.True(_received.Count > 50, $"only {_received.Count} answers were looked at");
        Assert.Empty(Found());
        Assert.DoesNotContain(_log, line => _marks.Any(mark => line.Contains(mark, StringComparison.OrdinalIgnoreCase)));
        Assert.Contains(_log, line => line.StartsWith("Trace", StringComparison.Ordinal) || line.StartsWith("Debug", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Search_does_not_find_what_is_masked()
    {
        await ArriveAsync();
        using var viewer = App.ClientOf(await App.Services.SignInAsync(Role.Viewer));

        foreach (var mark in _marks)
        {
            var answer = await viewer.GetStringAsync("/api/imports?q=" + Uri.EscapeDataString(mark), Stop);
            Assert.True(answer.Contains("\"total\":0", StringComparison.Ordinal), $"{mark} is found");
        }
    }

    [Fact]
    public async Task Operator_who_gives_a_reason_sees_them_until_they_hide_them()
    {
        await ArriveAsync();
        var page = await OpenAsync("/imports/" + Import, cookie: await App.Services.SignInAsync(Role.Operator), watch: Watch);
        var note = page.Locator(".reveal-note");
        await Expect(note).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^\s*Personal data are masked\s*Show personal data\s*$"));
        Assert.Empty(Found());

        await note.GetByRole(AriaRole.Button).ClickAsync();
        var dialog = page.Locator(".mud-dialog");
        await dialog.GetByRole(AriaRole.Textbox).FillAsync("A question of qzxcustomer@qzxdomain.example");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();

        await Expect(page.Locator(".samples")).ToContainTextAsync("qzxmailone@qzxdomain.example");
        Assert.Contains(Found(), mark => mark.StartsWith("qzxmailone", StringComparison.Ordinal));
        var line = App.Audit(AuditAction.Reveal).Single();
        Assert.DoesNotContain("qzx", line.Detail, StringComparison.OrdinalIgnoreCase);

        await note.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Locator(".samples")).Not.ToContainTextAsync("qzxmailone");
    }

    [Fact]
    public async Task Administrators_key_receives_them_all()
    {
        await ArriveAsync();
        using var script = App.ClientOf(null).WithKey(await App.Services.MakeKeyAsync(Role.Administrator));

        var all = await script.GetStringAsync("/api/imports/" + Import, Stop) + await script.GetStringAsync("/api/imports/error-file?id=" + Import, Stop);

        // The body of what could not be read is on a page alone.
        Assert.DoesNotContain(_marks, mark => mark is not ("qzxquarantined" or "qzxlink") && !all.Contains(mark, StringComparison.OrdinalIgnoreCase));
    }

    private async Task ArriveAsync()
    {
        await PostAsync(new WixWebhook
        {
            ImportId = Import,
            Status = "FAILED",
            FileName = "list of qzxfile@qzxdomain.example.csv",
            Entity = entity =>
            {
                var file = entity["fileMetadata"]!.AsObject();
                file["url"] = "https://files.example/qzxlink.csv";
                file["header"] = new JsonObject { ["values"] = new JsonArray("qzxheading@qzxdomain.example", "Qzxfirstname", "12345678901", "120") };
                file["headerMappingInfo"] = new JsonObject
                {
                    ["headerMappings"] = new JsonArray(
                        new JsonObject { ["columnName"] = "EMAIL", ["columnIndex"] = 0 }, new JsonObject { ["columnName"] = "POINTS", ["columnIndex"] = 2 }),
                };
                file["sampleDataRows"] = new JsonArray(
                    new JsonObject { ["values"] = new JsonArray("qzxmailone@qzxdomain.example", "Qzxfirstname", "12345678901", "1200") },
                    new JsonObject { ["values"] = new JsonArray("qzxmailtwo@qzxdomain.example", "Qzxlastname", "350", "+49 171 5550123") });
                entity["parseResult"] = new JsonObject { ["parsedRowCount"] = 2, ["parseErrorReason"] = "Row 2: qzxreason@qzxdomain.example is twice in the file" };
                entity["importResult"] = new JsonObject { ["errorFileExists"] = true, ["successCount"] = 1, ["failureCount"] = 1 };
            },
            Envelope = envelope => envelope["identity"] = """{"identityType":"MEMBER","memberId":"qzxmember","anonymousVisitorId":"qzxvisitor","wixUserId":"qzxwixuser","appId":"qzxapp"}""",
        });
        await App.PostAsync(new WixWebhook { ImportId = "22222222-2222-4333-8444-555555555555", Event = inner => inner["createdEvent"] = new JsonObject { ["note"] = "qzxquarantined" } });
    }

    private async Task CrawlAsync(Role role)
    {
        var cookie = await App.Services.SignInAsync(role);
        using var client = App.ClientOf(cookie);
        string[] addresses =
        [
            "/", "/imports/" + Import, "/deliveries", "/deliveries/1", "/deliveries/2", "/sites", "/openapi/v1.json",
            "/api/imports", "/api/imports?sort=file&dir=asc", "/api/imports/" + Import, "/api/imports/error-file?id=" + Import,
            "/api/imports/export?format=csv", "/api/imports/export?format=xlsx", "/api/imports/export?format=jsonl", "/account", "/no-access", "/nowhere",
            // Searches that find it, by words that are nobody's.
            "/api/imports?sort=file&q=list%20of", "/api/imports/export?format=jsonl&q=list%20of", "/?sort=file&q=list%20of",
            // Typed by the viewer, so it comes back to them; but it is not for the log.
            .. _marks.Take(6).Select(mark => "/api/imports?q=" + Uri.EscapeDataString(mark)), "/?q=qzxmailone%40qzxdomain.example", "/api/imports/export?format=csv&q=qzxmailone%40qzxdomain.example",
        ];
        foreach (var address in addresses)
        {
            using var answer = await client.GetAsync(address, Stop);
            var bytes = await answer.Content.ReadAsByteArrayAsync(Stop);
            _received.Enqueue((address, address.Contains("xlsx", StringComparison.Ordinal) ? Unzipped(bytes) : bytes));
            _received.Enqueue((address, Encoding.UTF8.GetBytes(answer.Headers.ToString() + answer.Content.Headers)));
        }

        Assert.All(_received.Where(piece => piece.From.StartsWith("/api/imports?sort=file&q=", StringComparison.Ordinal) && piece.Bytes is [(byte)'{', ..]), piece => Assert.Contains(Import, Encoding.UTF8.GetString(piece.Bytes), StringComparison.Ordinal));
        await ListenAsync(cookie);
        await LookAtPagesAsync(cookie);
    }

    // The hub's frames while an import changes.
    private async Task ListenAsync(System.Net.Cookie cookie)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", $"{cookie.Name}={cookie.Value}");
        await socket.ConnectAsync(new UriBuilder(App.Client.BaseAddress!) { Scheme = "ws", Path = "/hubs/imports" }.Uri, Stop);
        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"json\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, Stop);
        var buffer = new byte[64 * 1024];
        _received.Enqueue(("the hub", buffer[..(await socket.ReceiveAsync(buffer, Stop)).Count]));
        await PostAsync(new WixWebhook { FileName = "another of qzxfile@qzxdomain.example.csv" });
        string text;
        do
        {
            var frame = buffer[..(await socket.ReceiveAsync(buffer, Stop)).Count];
            _received.Enqueue(("the hub", frame));
            text = Encoding.UTF8.GetString(frame);
        }
        while (!text.Contains("ImportsChanged", StringComparison.Ordinal));
    }

    // Everything that a browser is sent, frames of the circuit among it, while a person opens each page and what can be opened on it.
    private async Task LookAtPagesAsync(System.Net.Cookie cookie)
    {
        var page = await OpenAsync("/", cookie: cookie, watch: Watch);
        await page.Locator("table button[aria-expanded=false]").Last.ClickAsync();
        await page.Locator(".samples").First.WaitForAsync();
        foreach (var address in (string[])["/imports/" + Import, "/deliveries", "/deliveries/1", "/deliveries/2", "/sites", "/?q=qzx", "/?sort=file&q=list%20of"])
        {
            await page.GotoAsync(address);
            await ReadyAsync(page);
            await page.Locator("h1").First.WaitForAsync();
            foreach (var fold in await page.Locator("summary").AllAsync())
            {
                await fold.ClickAsync();
            }

            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            _received.Enqueue((address, Encoding.UTF8.GetBytes(await page.ContentAsync())));
        }
    }

    private void Watch(IPage page)
    {
        page.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) => _received.Enqueue((socket.Url, frame.Binary ?? Encoding.UTF8.GetBytes(frame.Text ?? string.Empty)));
        page.Response += async (_, response) =>
        {
            try
            {
                _received.Enqueue((response.Url, await response.BodyAsync()));
            }
            catch (PlaywrightException)
            {
                // A redirect has no body, and a page that was left gives none any more.
            }
        };
    }

    private IEnumerable<string> Found() =>
        from piece in _received
        let texts = new[] { Encoding.UTF8.GetString(piece.Bytes), Encoding.Latin1.GetString(piece.Bytes), Encoding.Unicode.GetString(piece.Bytes), Uri.UnescapeDataString(Encoding.UTF8.GetString(piece.Bytes)) }
        from mark in _marks
        where texts.Any(text => text.Contains(mark, StringComparison.OrdinalIgnoreCase)) && !piece.From.Contains("?q=", StringComparison.Ordinal)
        select $"{mark} in {piece.From}";

    private static byte[] Unzipped(byte[] workbook)
    {
        using var zip = new System.IO.Compression.ZipArchive(new MemoryStream(workbook));
        using var all = new MemoryStream();
        foreach (var entry in zip.Entries)
        {
            using var part = entry.Open();
            part.CopyTo(all);
        }

        return all.ToArray();
    }

    /// <summary>Every line of the log, at every level.</summary>
    private sealed class Everything(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            lines.Enqueue($"Scope {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
