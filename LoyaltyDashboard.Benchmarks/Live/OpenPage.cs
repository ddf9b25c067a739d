using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Live;

/// <summary>
/// A page that is open, as its server sees it: a circuit that is started with the page's components and whose changes are acknowledged as they come. Nothing is drawn, so
/// that fifty of them leave the cores to the server.
/// </summary>
internal sealed partial class OpenPage : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new ClientWebSocket().WithKey();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly string _components;
    private readonly string _state;
    private readonly TaskCompletionSource _hasRows = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _listening = Task.CompletedTask;
    private long _lastMessage = Stopwatch.GetTimestamp();
    private long _lastChange;

    private string? _circuit;
    private int _rowsFrom;

    private OpenPage(HttpClient http, Uri address, string components, string state) => (_http, _address, _components, _state) = (http, address, components, state);

    /// <summary>Changes that the server has sent so far.</summary>
    public int Changes { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>The longest time between two changes since <see cref="Reset"/>.</summary>
    public TimeSpan LongestGap { get; private set; }

    /// <summary>Opens a page and waits until it has its first rows.</summary>
    /// <param name="http">What gets the document.</param>
    /// <param name="address">Which page.</param>
    /// <param name="rowsFrom">Bytes of a change that can be the rows; the frame around them is smaller.</param>
    public static async Task<OpenPage> OpenAsync(HttpClient http, Uri address, int rowsFrom = 60_000)
    {
        var html = await http.GetStringAsync(address);
        var operations = new JsonArray();
        foreach (Match marker in Markers().Matches(html))
        {
            var component = JsonNode.Parse(marker.Groups[1].Value)!;
            if (component["type"] is null)
            {
                // The end of what was drawn before the circuit.
                continue;
            }

            component["uniqueId"] = operations.Count;
            operations.Add(new JsonObject { ["type"] = "add", ["ssrComponentId"] = operations.Count + 1, ["marker"] = component });
        }

        var page = new OpenPage(http, address, new JsonObject { ["batchId"] = 1, ["operations"] = operations }.ToJsonString(), State().Match(html).Groups[1].Value) { _rowsFrom = rowsFrom };
        using var negotiated = await http.PostAsync(new Uri(address, "/_blazor/negotiate?negotiateVersion=1"), null);
        var token = JsonNode.Parse(await negotiated.Content.ReadAsStringAsync())!["connectionToken"]!.GetValue<string>();
        await page._socket.ConnectAsync(new Uri($"ws://{address.Authority}/_blazor?id={Uri.EscapeDataString(token)}"), CancellationToken.None);
        await page.SendAsync(BlazorPack.Handshake);
        await page._socket.ReceiveAsync(new byte[64].AsMemory(), CancellationToken.None);
        page._listening = Task.Run(page.ListenAsync);
        var origin = address.GetLeftPart(UriPartial.Authority) + "/";
        await page.SendAsync(BlazorPack.Call("StartCircuit", "0", origin, address.ToString(), "[]", page._state));
        await page._hasRows.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return page;
    }

    /// <summary>Waits until the server has said nothing for a while.</summary>
    public async Task SettleAsync()
    {
        while (Stopwatch.GetElapsedTime(Interlocked.Read(ref _lastMessage)) < TimeSpan.FromMilliseconds(500))
        {
            await Task.Delay(50);
        }
    }

    /// <summary>Shows the server that somebody is there.</summary>
    public Task PingAsync() => SendAsync(BlazorPack.Ping);

    /// <summary>Begins to count anew.</summary>
    public void Reset() => (Changes, Bytes, LongestGap, _lastChange) = (0, 0, default, Stopwatch.GetTimestamp());

    /// <summary>Closes it as a browser closes a page, which ends the circuit at once.</summary>
    public async ValueTask DisposeAsync()
    {
        using var form = new FormUrlEncodedContent([new("circuitId", _circuit)]);
        using var farewell = await _http.PostAsync(new Uri(_address, "/_blazor/disconnect"), form);
        farewell.EnsureSuccessStatusCode();
        _socket.Abort();
        await _listening;
        _socket.Dispose();
        _sending.Dispose();
    }

    [GeneratedRegex("<!--Blazor:(\\{.*?\\})-->")]
    private static partial Regex Markers();

    [GeneratedRegex("<!--Blazor-Server-Component-State:(.*?)-->")]
    private static partial Regex State();

    private async Task SendAsync(byte[] message)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    if (length == buffer.Length)
                    {
                        Array.Resize(ref buffer, buffer.Length * 2);
                    }

                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                ReadOnlyMemory<byte> messages = buffer.AsMemory(0, length);
                while (BlazorPack.TryTake(ref messages, out var message))
                {
                    if (Answer(message.Span) is { } answer)
                    {
                        await SendAsync(answer);
                    }
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It was closed.
        }
    }

    private byte[]? Answer(ReadOnlySpan<byte> message)
    {
        var reader = new BlazorPack.Reader(message);
        reader.List();
        var kind = reader.Integer();
        if (kind == 3)
        {
            // The answer to the start: the circuit's name.
            reader.Headers();
            reader.String();
            _circuit = reader.Integer() == 3 ? reader.String() : null;
        }

        if (kind != 1)
        {
            return null;
        }

        Interlocked.Exchange(ref _lastMessage, Stopwatch.GetTimestamp());
        reader.Headers();
        reader.String();
        var target = reader.String();
        reader.List();
        switch (target)
        {
            case "JS.RenderBatch":
                Note(message.Length);
                return BlazorPack.Call("OnRenderCompleted", null, reader.Integer(), null);
            case "JS.BeginInvokeJS":
                var (call, function) = (reader.Integer(), reader.String());
                if (function == "Blazor._internal.attachWebRendererInterop")
                {
                    // From here on the server can be told what is on the page.
                    return [.. BlazorPack.Call("UpdateRootComponents", null, _components, _state), .. End(call, "null")];
                }

                return End(call, function switch { "window.hasOwnProperty" => "true", "mudpopoverHelper.countProviders" => "0", _ => "null" });
            case "JS.Error":
                _hasRows.TrySetException(new InvalidOperationException($"The page broke: {reader.String()}"));
                return null;
            default:
                return null;
        }
    }

    private static byte[] End(long call, string result) => BlazorPack.Call("EndInvokeJSFromDotNet", null, call, true, $"[{call},true,{result}]");

    private void Note(int bytes)
    {
        if (bytes > _rowsFrom)
        {
            _hasRows.TrySetResult();
        }

        // A change without any content is only the end of an event.
        if (bytes < 200)
        {
            return;
        }

        Changes++;
        Bytes += bytes;
        var now = Stopwatch.GetTimestamp();
        if (_lastChange != 0 && Stopwatch.GetElapsedTime(_lastChange, now) is var gap && gap > LongestGap)
        {
            LongestGap = gap;
        }

        _lastChange = now;
    }
}
