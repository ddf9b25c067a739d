using System.IO.Compression;
using System.Net;
using System.Text;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.AspNetCore.Http;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class ErrorFileClientTests
{
    private const string Csv = "email,reason\nann@example.com,No such contact\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task File_of_a_trusted_host_is_opened_at_the_address_that_was_resolved_once()
    {
        await using var host = await ServeAsync("text/csv");

        Assert.Equal(Csv, await TextAsync(host.Client(), host.Link()));
        Assert.Equal(["files.example"], host.Resolved);
    }

    [Theory]
    [InlineData("https://files.example/a.csv", "leads into a private network")]
    [InlineData("http://files.example/a.csv", "no https address")]
    [InlineData("ftp://files.example/a.csv", "no https address")]
    [InlineData("file:///etc/passwd", "no https address")]
    [InlineData("https://user:word@files.example/a.csv", "holds a user name")]
    public async Task Link_that_breaks_a_rule_is_refused_without_a_connection(string link, string fault)
    {
        await using var host = await ServeAsync("text/csv");

        var refusal = await RefusedAsync(host.Client(trusted: null), new(link));

        Assert.Equal(ErrorFileFault.Refused, refusal.Fault);
        Assert.Contains(fault, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(host.Asked);
    }

    [Fact]
    public async Task Host_that_is_not_trusted_is_refused_by_its_address_before_anything_is_sent()
    {
        await using var host = await ServeAsync("text/csv");

        var refusal = await RefusedAsync(host.Client(trusted: "another.example"), host.Link(scheme: "https"));

        Assert.Contains("leads into a private network", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["files.example"], host.Resolved);
    }

    [Theory]
    [InlineData("1.1.1.1", "10.0.0.1")]
    [InlineData("10.0.0.1", "1.1.1.1")]
    [InlineData("1.1.1.1", "::ffff:127.0.0.1")]
    public async Task Host_with_one_private_address_among_others_is_refused(string first, string second)
    {
        await using var host = await ServeAsync("text/csv");

        var refusal = await RefusedAsync(host.Client(trusted: null, addresses: [IPAddress.Parse(first), IPAddress.Parse(second)]), host.Link(scheme: "https"));

        Assert.Contains("leads into a private network", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    public async Task Address_in_place_of_a_name_is_checked_as_well(string link)
    {
        var refusal = await RefusedAsync(new ErrorFileClient([], TimeProvider.System), new(link));

        Assert.Contains("leads into a private network", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust_reaches_this_machine_and_no_other_private_one()
    {
        await using var host = await ServeAsync("text/csv");

        var refusal = await RefusedAsync(host.Client(addresses: [IPAddress.Parse("10.0.0.1")]), host.Link());

        Assert.Contains("leads into a private network", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_that_has_no_address_does_not_answer()
    {
        await using var host = await ServeAsync("text/csv");

        Assert.Equal(ErrorFileFault.Unreachable, (await RefusedAsync(host.Client(addresses: []), host.Link())).Fault);
    }

    [Theory]
    [InlineData("text/csv")]
    [InlineData("text/csv; charset=utf-8")]
    [InlineData("TEXT/CSV")]
    [InlineData("application/csv")]
    [InlineData("text/plain")]
    [InlineData("application/octet-stream")]
    [InlineData("application/vnd.ms-excel")]
    [InlineData(null)]
    public async Task Type_that_storages_give_a_CSV_is_taken(string? type)
    {
        await using var host = await ServeAsync(type);

        Assert.Equal(Csv, await TextAsync(host.Client(), host.Link()));
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/json")]
    [InlineData("image/png")]
    [InlineData("text/csvx")]
    [InlineData("rubbish")]
    public async Task Other_type_is_refused(string type)
    {
        await using var host = await ServeAsync(type);

        Assert.Contains("is not a CSV file", (await RefusedAsync(host.Client(), host.Link())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, ErrorFileFault.Refused, "no longer opens it")]
    [InlineData(404, ErrorFileFault.Refused, "no longer opens it")]
    [InlineData(204, ErrorFileFault.Refused, "answered 204")]
    [InlineData(304, ErrorFileFault.Refused, "answered 304")]
    [InlineData(500, ErrorFileFault.Unreachable, "(500)")]
    [InlineData(503, ErrorFileFault.Unreachable, "(503)")]
    public async Task Answer_without_a_file_is_told_in_words(int status, ErrorFileFault fault, string words)
    {
        await using var host = await FileHost.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        var refusal = await RefusedAsync(host.Client(), host.Link("/errors.csv?signature=secret"));

        Assert.Equal(fault, refusal.Fault);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_redirects_are_followed_and_a_fourth_is_not()
    {
        await using var host = await FileHost.StartAsync(context =>
        {
            var left = int.Parse(context.Request.Path.Value![1..]);
            return left == 0 ? WriteAsync(context, "text/csv", Csv) : RedirectAsync(context, $"/{left - 1}");
        });

        Assert.Equal(Csv, await TextAsync(host.Client(), host.Link("/3")));
        Assert.Equal(["/3", "/2", "/1", "/0"], host.Asked);
        Assert.Contains("nowhere to a file", (await RefusedAsync(host.Client(), host.Link("/4"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://inside.example/", "leads into a private network")]
    [InlineData("http://inside.example/", "no https address")]
    [InlineData("//inside.example/", "no https address")]
    [InlineData("https://a:b@inside.example/", "holds a user name")]
    [InlineData("gopher://inside.example/", "no https address")]
    [InlineData(null, "nowhere to a file")]
    public async Task Redirect_obeys_the_rules_of_the_first_link(string? target, string fault)
    {
        await using var host = await FileHost.StartAsync(context => RedirectAsync(context, target));

        Assert.Contains(fault, (await RefusedAsync(host.Client(), host.Link())).Message, StringComparison.Ordinal);
        Assert.Equal(["/errors.csv"], host.Asked);
    }

    [Fact]
    public async Task Length_over_the_limit_is_refused_at_the_head()
    {
        await using var host = await FileHost.StartAsync(context =>
        {
            context.Response.ContentLength = ErrorFileClient.MostBytes + 1;
            return context.Response.Body.FlushAsync();
        });

        Assert.Equal(ErrorFileFault.TooLarge, (await RefusedAsync(host.Client(), host.Link())).Fault);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task File_without_a_length_is_read_to_the_limit_and_not_beyond(int more, bool isWhole)
    {
        await using var host = await FileHost.StartAsync(context => SendAsync(context.Response.Body, ErrorFileClient.MostBytes + more));

        await using var file = await host.Client().OpenAsync(host.Link(), Stop);
        var fault = await Record.ExceptionAsync(() => file.CopyToAsync(Stream.Null, Stop));

        Assert.Equal(isWhole ? null : ErrorFileFault.TooLarge, (fault as ErrorFileException)?.Fault);
        Assert.True(isWhole ? fault is null : fault is ErrorFileException);
    }

    [Fact]
    public async Task Limit_counts_what_comes_out_of_a_compressed_file()
    {
        await using var host = await FileHost.StartAsync(async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await SendAsync(zip, ErrorFileClient.MostBytes + 1);
        });

        await using var file = await host.Client().OpenAsync(host.Link(), Stop);

        Assert.Equal(ErrorFileFault.TooLarge, (await Assert.ThrowsAsync<ErrorFileException>(() => file.CopyToAsync(Stream.Null, Stop))).Fault);
    }

    [Fact]
    public async Task Answer_that_does_not_begin_in_time_is_given_up()
    {
        var time = new WatchedTime();
        var isAsked = new TaskCompletionSource();
        await using var host = await FileHost.StartAsync(async context =>
        {
            isAsked.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        var opening = host.Client(time: time).OpenAsync(host.Link(), Stop);
        await isAsked.Task.WaitAsync(Stop);
        time.Advance(ErrorFileClient.LongestHead);

        Assert.Equal(ErrorFileFault.TooSlow, (await Assert.ThrowsAsync<ErrorFileException>(() => opening)).Fault);
    }

    [Fact]
    public async Task File_that_does_not_end_in_time_breaks_off()
    {
        var time = new WatchedTime();
        await using var host = await FileHost.StartAsync(async context =>
        {
            await context.Response.WriteAsync("a");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var file = await host.Client(time: time).OpenAsync(host.Link(), Stop);
        Assert.Equal(1, await file.ReadAsync(new byte[10], Stop));

        var reading = file.ReadAsync(new byte[10], Stop).AsTask();
        time.Advance(ErrorFileClient.LongestHead);
        Assert.False(reading.IsCompleted);
        time.Advance(ErrorFileClient.LongestWhole - ErrorFileClient.LongestHead);

        Assert.Equal(ErrorFileFault.TooSlow, (await Assert.ThrowsAsync<ErrorFileException>(() => reading)).Fault);
    }

    [Fact]
    public async Task Connection_that_is_cut_in_the_middle_is_told_in_words()
    {
        await using var host = await FileHost.StartAsync(async context =>
        {
            await context.Response.WriteAsync("email,rea");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });

        var fault = await Assert.ThrowsAsync<ErrorFileException>(() => TextAsync(host.Client(), host.Link()));

        Assert.Equal(ErrorFileFault.Unreachable, fault.Fault);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task File_packed_wrongly_is_told_in_words(string packing)
    {
        await using var host = await FileHost.StartAsync(async context =>
        {
            context.Response.Headers.ContentEncoding = packing;
            await context.Response.WriteAsync(Csv);
        });

        var fault = await Assert.ThrowsAsync<ErrorFileException>(() => TextAsync(host.Client(), host.Link()));

        Assert.Equal(ErrorFileFault.Unreachable, fault.Fault);
    }

    [Fact]
    public async Task Caller_that_gives_up_is_told_so_and_not_of_a_fault()
    {
        using var caller = new CancellationTokenSource();
        await using var host = await FileHost.StartAsync(async context =>
        {
            await caller.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Client().OpenAsync(host.Link(), caller.Token));
    }

    private static Task<FileHost> ServeAsync(string? type) => FileHost.StartAsync(context => WriteAsync(context, type, Csv));

    private static Task WriteAsync(HttpContext context, string? type, string text)
    {
        context.Response.Headers.ContentType = type;
        return context.Response.WriteAsync(text);
    }

    private static Task RedirectAsync(HttpContext context, string? target)
    {
        context.Response.StatusCode = 302;
        context.Response.Headers.Location = target;
        return Task.CompletedTask;
    }

    private static async Task SendAsync(Stream body, long bytes)
    {
        var chunk = new byte[64 * 1024];
        for (var left = bytes; left > 0; left -= chunk.Length)
        {
            await body.WriteAsync(chunk.AsMemory(0, (int)Math.Min(left, chunk.Length)));
        }
    }

    private static Task<ErrorFileException> RefusedAsync(ErrorFileClient client, Uri link) => Assert.ThrowsAsync<ErrorFileException>(() => client.OpenAsync(link, Stop));

    private static async Task<string> TextAsync(ErrorFileClient client, Uri link)
    {
        await using var file = await client.OpenAsync(link, Stop);
        using var reader = new StreamReader(file, Encoding.UTF8);
        return await reader.ReadToEndAsync(Stop);
    }
}
