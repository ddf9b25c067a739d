using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using LoyaltyDashboard.Sandbox;

namespace LoyaltyDashboard.Commands;

/// <summary><c>send</c>: signs invented webhooks and sends them to any address, at a rate, and says how it went.</summary>
internal static class SendCommand
{
    private const int WrongUse = 2;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var url = new Option<string>("--url") { Description = "The door, for example http://localhost:5080/webhooks/wix", Required = true };
        var key = new Option<FileInfo>("--key") { Description = "The private RSA key as a PEM file; its public half belongs into Wix:PublicKeys of the receiver", Required = true };
        var count = new Option<int>("--count") { Description = "How many webhooks to send", DefaultValueFactory = _ => 1 };
        var rate = new Option<double>("--rate") { Description = "Webhooks a second; 0 for as fast as possible", DefaultValueFactory = _ => 10 };
        var scenario = new Option<string?>("--scenario") { Description = $"One of {string.Join(", ", ScenarioCatalog.All.Select(s => s.Name))}; a mix unless given" };
        var connections = new Option<int>("--connections") { Description = "Requests under way at once at most", DefaultValueFactory = _ => 64 };
        var ids = new Option<FileInfo?>("--ids") { Description = "Appends 'eventId importId' to this file for each webhook that was answered 200" };
        var command = new Command("send", "Signs invented webhooks and sends them to a door.") { url, key, count, rate, scenario, connections, ids };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(url)!, parsed.GetValue(key)!, parsed.GetValue(count), parsed.GetValue(rate), parsed.GetValue(scenario), parsed.GetValue(connections), parsed.GetValue(ids), parsed.InvocationConfiguration, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string address, FileInfo keyFile, int count, double rate, string? scenario, int connections, FileInfo? ids, InvocationConfiguration io, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || count < 1 || !(rate >= 0) || connections < 1)
        {
            await io.Error.WriteLineAsync("send: --url must be an http or https address, --count and --connections at least 1, --rate 0 or more.");
            return WrongUse;
        }

        if (scenario is not null && ScenarioCatalog.Find(scenario) is null)
        {
            await io.Error.WriteLineAsync($"send: there is no scenario '{scenario}'. There are: {string.Join(", ", ScenarioCatalog.All.Select(s => s.Name))}.");
            return WrongUse;
        }

        using var key = RSA.Create();
        try
        {
            key.ImportFromPem(await File.ReadAllTextAsync(keyFile.FullName, cancellation));
            // A public key can be read too; only signing tells.
            key.SignHash(new byte[SHA256.HashSizeInBytes], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            await io.Error.WriteLineAsync($"send: {keyFile} holds no private RSA key as PEM. Make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out private.pem");
            return WrongUse;
        }

        await using var idLines = ids is null ? null : new StreamWriter(ids.FullName, append: true) { AutoFlush = true };
        var run = new SendRun(url, new WebhookSigner(key), scenario, connections, idLines, io.Output);
        await run.SendAsync(count, rate, cancellation);
        await io.Output.WriteLineAsync(run.Summary.Describe());
        return run.Summary.Succeeded == run.Summary.Sent ? 0 : 1;
    }

    private sealed class SendRun(Uri url, WebhookSigner signer, string? scenario, int connections, StreamWriter? ids, TextWriter output)
    {
        private readonly ImportInventor _inventor = new(Random.Shared.Next());
        private readonly Lock _idsGate = new();
        private readonly bool _isTerminal = output == Console.Out && !Console.IsOutputRedirected;

        public SendSummary Summary { get; } = new();

        public async Task SendAsync(int count, double rate, CancellationToken cancellation)
        {
            using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = connections };
            using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
            var clock = Stopwatch.StartNew();
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var progress = ShowProgressAsync(count, clock, ended.Token);
            try
            {
                await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = connections, CancellationToken = cancellation }, async (index, token) =>
                {
                    if (rate > 0 && TimeSpan.FromSeconds(index / rate) - clock.Elapsed is { Ticks: > 0 } early)
                    {
                        await Task.Delay(early, token);
                    }

                    await SendOneAsync(client, token);
                });
            }
            catch (OperationCanceledException)
            {
                // Interrupted: the summary still tells what was sent.
            }

            Summary.Elapsed = clock.Elapsed;
            await ended.CancelAsync();
            await progress;
        }

        private async Task SendOneAsync(HttpClient client, CancellationToken cancellation)
        {
            var now = DateTimeOffset.UtcNow;
            var chosen = scenario is null ? _inventor.Choose() : ScenarioCatalog.Find(scenario)!;
            var announced = _inventor.Invent(chosen, now);
            using var content = new StringContent(signer.Sign(announced, now));
            var started = Stopwatch.GetTimestamp();
            try
            {
                using var response = await client.PostAsync(url, content, cancellation);
                Summary.Note(((int)response.StatusCode).ToString(CultureInfo.InvariantCulture), Stopwatch.GetElapsedTime(started));
                if (ids is not null && response.IsSuccessStatusCode)
                {
                    lock (_idsGate)
                    {
                        ids.WriteLine($"{announced.EventId} {announced.ImportId}");
                    }
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
            {
                Summary.Note("no answer", null);
            }
        }

        private async Task ShowProgressAsync(int count, Stopwatch clock, CancellationToken cancellation)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(_isTerminal ? 0.2 : 5));
            try
            {
                while (await timer.WaitForNextTickAsync(cancellation))
                {
                    var line = $"{Summary.Sent:N0} of {count:N0} sent, {Summary.Succeeded:N0} answered 200, {Summary.Sent / clock.Elapsed.TotalSeconds:N0} a second";
                    await output.WriteAsync(_isTerminal ? "\r" + line + "   " : line + "\n");
                }
            }
            catch (OperationCanceledException)
            {
                await output.WriteAsync(_isTerminal ? "\r" + new string(' ', 79) + "\r" : string.Empty);
            }
        }
    }
}

/// <summary>How a run of <c>send</c> went.</summary>
internal sealed class SendSummary
{
    private readonly ConcurrentDictionary<string, int> _byStatus = new();
    private readonly ConcurrentBag<double> _milliseconds = [];

    /// <summary>Webhooks sent, answered or not.</summary>
    public int Sent => _byStatus.Values.Sum();

    /// <summary>Answered 200.</summary>
    public int Succeeded => _byStatus.GetValueOrDefault("200");

    /// <summary>How long the run took.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Notes one answer; without a time, that none came.</summary>
    public void Note(string status, TimeSpan? took)
    {
        _byStatus.AddOrUpdate(status, 1, (_, known) => known + 1);
        if (took is { } time)
        {
            _milliseconds.Add(time.TotalMilliseconds);
        }
    }

    /// <summary>The lines printed at the end.</summary>
    public string Describe()
    {
        var sorted = _milliseconds.Order().ToList();
        var others = _byStatus.Where(s => s.Key != "200").OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}: {s.Value:N0}").ToList();
        return string.Create(CultureInfo.InvariantCulture, $"""
            Sent {Sent:N0} in {Elapsed.TotalSeconds:N1} s ({(Elapsed > TimeSpan.Zero ? Sent / Elapsed.TotalSeconds : 0):N0} a second)
            200: {Succeeded:N0}{(others.Count == 0 ? string.Empty : ", " + string.Join(", ", others))}
            {(sorted.Count == 0 ? "No answer came: is a dashboard running at --url?" : $"p50 {Percentile(sorted, 50):N1} ms, p95 {Percentile(sorted, 95):N1} ms, p99 {Percentile(sorted, 99):N1} ms")}{(_byStatus.ContainsKey("401") ? "\n401: the receiver knows another key. The public half of --key belongs into its Wix:PublicKeys." : string.Empty)}
            """);
    }

    /// <summary>The nearest-rank percentile of sorted values; 0 of none.</summary>
    public static double Percentile(IReadOnlyList<double> sorted, int percent) =>
        sorted.Count == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(sorted.Count * percent / 100.0) - 1)];
}
