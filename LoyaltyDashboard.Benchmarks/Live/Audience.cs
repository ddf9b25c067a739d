using LoyaltyDashboard.Benchmarks.Running;
namespace LoyaltyDashboard.Benchmarks.Live;

/// <summary>Open pages and hub clients of one server.</summary>
internal sealed class Audience : IAsyncDisposable
{
    private static readonly TimeSpan _signOfLife = TimeSpan.FromSeconds(10);

    // Of five pages, three are the home page as it opens.
    private static readonly string[] _addresses = ["/", "/", "/?status=IMPORTED&status=FAILED", "/", "/?mapping=broken&mapping=suspicious"];

    private readonly HttpClient _http = new HttpClient().WithKey();
    private readonly CancellationTokenSource _stop = new();
    private Task _living = Task.CompletedTask;

    /// <summary>The pages.</summary>
    public List<OpenPage> Pages { get; } = [];

    /// <summary>The hub's clients.</summary>
    public List<HubListener> Clients { get; } = [];

    /// <summary>Opens and connects them all.</summary>
    /// <param name="server">Where.</param>
    /// <param name="pages">How many pages.</param>
    /// <param name="clients">How many clients of the hub.</param>
    /// <param name="ear">Makes what listens to the messages of one client.</param>
    public static async Task<Audience> GatherAsync(Uri server, int pages, int clients, Func<HubListener.Changed>? ear = null)
    {
        var audience = new Audience();
        for (var i = 0; i < clients; i++)
        {
            var client = new HubListener(ear?.Invoke() ?? ((_, _) => { }));
            await client.ConnectAsync(server);
            audience.Clients.Add(client);
        }

        for (var i = 0; i < pages; i++)
        {
            audience.Pages.Add(await OpenPage.OpenAsync(audience._http, new Uri(server, _addresses[i % _addresses.Length])));
        }

        foreach (var page in audience.Pages)
        {
            await page.SettleAsync();
        }

        audience._living = audience.LiveAsync();
        return audience;
    }

    /// <summary>Lets them all go.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _living;
        foreach (var page in Pages)
        {
            await page.DisposeAsync();
        }

        foreach (var client in Clients)
        {
            await client.DisposeAsync();
        }

        _http.Dispose();
        _stop.Dispose();
    }

    private async Task LiveAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(_signOfLife);
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                foreach (var page in Pages)
                {
                    await page.PingAsync();
                }

                foreach (var client in Clients)
                {
                    await client.PingAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }
}
