using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Wix;

/// <summary>
/// The client of Wix's Imports API, and of what is needed beside it. For any number of callers. Every call keeps within the instance's
/// <see cref="WixRequestBudget"/>, if need be by waiting, and fails with a <see cref="WixApiException"/>.
/// </summary>
public sealed class WixApi
{
    /// <summary>Name of the client at the IHttpClientFactory.</summary>
    public const string ClientName = "Wix";

    private const string Imports = "/_api/loyalty-imports/v1/loyalty-imports";

    private const int LongestCursor = 16_000;

    // A name stands in every row of a list, and in every answer of the API; an address that is cut leads elsewhere.
    private const int LongestName = 200;
    private const int LongestUrl = 2_000;

    private readonly WixHttp _http;
    private readonly WixTokens _tokens;
    private readonly WixOptions _options;

    internal WixApi(WixHttp http, WixTokens tokens, IOptions<WixOptions> options) => (_http, _tokens, _options) = (http, tokens, options.Value);

    /// <summary>Whether both halves of the app's credentials are there; without them every call throws <see cref="InvalidOperationException"/>.</summary>
    public bool CanFollow => _options.CanFollow;

    /// <summary>Asks for one import.</summary>
    /// <exception cref="WixApiException">Wix does not give it; <see cref="WixApiFault.NotFound"/>: it knows none of this id.</exception>
    public async Task<ApiImport> GetImportAsync(string instanceId, string importId, CancellationToken cancellation)
    {
        const string What = "Get Loyalty Import";
        ArgumentException.ThrowIfNullOrEmpty(importId);
        var answer = await CallAsync(What, instanceId, HttpMethod.Get, $"{Imports}?loyaltyImportId={Uri.EscapeDataString(importId)}", body: null, cancellation);

        if (ReadImport(answer.Json!.Value) is not { } import)
        {
            throw WixFaults.NotUnderstood(What, answer, "it holds no import");
        }

        // By the id that was asked for, however Wix writes it: in other letters it would be another import, and this one asked for without end.
        return string.Equals(import.Import.Id, importId, StringComparison.OrdinalIgnoreCase) ? import with { Import = import.Import with { Id = importId } } : throw WixFaults.NotUnderstood(What, answer, "it holds another import than the one asked for");
    }

    /// <summary>Asks for one page of imports.</summary>
    /// <exception cref="WixApiException">Wix does not give it.</exception>
    public async Task<ApiImportPage> QueryImportsAsync(string instanceId, ImportsQuery query, CancellationToken cancellation)
    {
        const string What = "Query Loyalty Imports";
        var answer = await CallAsync(What, instanceId, HttpMethod.Post, Imports + "/query", query.ToJson(), cancellation);

        // A service may leave out an empty list, but not the page's data too.
        var items = TolerantJson.Property(answer.Json, "loyaltyImports");
        var paging = TolerantJson.Property(answer.Json, "pagingMetadata");
        if (items is { ValueKind: not JsonValueKind.Array } || paging is { ValueKind: not JsonValueKind.Object } || (items is null && paging is null))
        {
            throw WixFaults.NotUnderstood(What, answer, "it holds no list of imports");
        }

        if (items?.GetArrayLength() > ImportsQuery.LargestLimit)
        {
            // A list of hundreds of thousands would hold up the database for every door.
            throw WixFaults.NotUnderstood(What, answer, "it lists more imports than were asked for");
        }

        var all = items?.EnumerateArray().Select(ReadImport).ToList() ?? [];
        var imports = all.OfType<ApiImport>().ToList();
        var next = ReadNext(paging);
        if (next is not null && (next == query.Cursor || next.Length > LongestCursor))
        {
            throw WixFaults.NotUnderstood(What, answer, "its cursor leads nowhere");
        }

        return new ApiImportPage(imports, all.Count - imports.Count, next);
    }

    /// <summary>Asks for the link of an import's error file. It opens the file to anybody for a while: it must not be logged, stored or shown.</summary>
    /// <returns>An absolute http or https address, otherwise unchecked.</returns>
    /// <exception cref="WixApiException">Wix does not give it.</exception>
    public async Task<Uri> GetErrorFileUrlAsync(string instanceId, string importId, CancellationToken cancellation)
    {
        const string What = "Get Error File Download URL";
        ArgumentException.ThrowIfNullOrEmpty(importId);
        var answer = await CallAsync(What, instanceId, HttpMethod.Get, $"{Imports}/error-file-download-url?loyaltyImportId={Uri.EscapeDataString(importId)}", body: null, cancellation);

        return Uri.TryCreate(new TolerantJson().String(answer.Json, "url", "url"), UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            ? url
            : throw WixFaults.NotUnderstood(What, answer, "it holds no link");
    }

    /// <summary>Asks for the site of an instance.</summary>
    /// <exception cref="WixApiException">Wix does not give it.</exception>
    public async Task<AppInstance> GetAppInstanceAsync(string instanceId, CancellationToken cancellation)
    {
        const string What = "Get App Instance";
        var answer = await CallAsync(What, instanceId, HttpMethod.Get, "/apps/v1/instance", body: null, cancellation);

        var json = new TolerantJson();
        var instance = json.Object(answer.Json, "instance", "instance");
        var site = json.Object(answer.Json, "site", "site");
        if (instance is null && site is null)
        {
            throw WixFaults.NotUnderstood(What, answer, "it holds neither an instance nor a site");
        }

        if (json.String(instance, "instanceId", "instance.instanceId") is { Length: > 0 } id && !string.Equals(id, instanceId, StringComparison.OrdinalIgnoreCase))
        {
            throw WixFaults.NotUnderstood(What, answer, "it holds another instance than the one asked for");
        }

        var url = NullIfBlank(json.String(site, "url", "site.url"));
        return new AppInstance(Cut(NullIfBlank(json.String(site, "siteDisplayName", "site.siteDisplayName"))), url?.Length > LongestUrl ? null : url);
    }

    // Brings back an answer with a JSON object.
    private async Task<WixAnswer> CallAsync(string what, string instanceId, HttpMethod method, string path, JsonObject? body, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        if (!CanFollow)
        {
            throw new InvalidOperationException("Wix cannot be asked: Wix:AppId and Wix:AppSecret are not both set.");
        }

        var token = await _tokens.GetAsync(instanceId, cancellation);
        var answer = await _http.SendAsync(instanceId, what, method, path, body, token, cancellation);
        if (answer.Status == HttpStatusCode.Unauthorized)
        {
            // A token can end before its time, once.
            _tokens.Drop(instanceId, token);
            token = await _tokens.GetAsync(instanceId, cancellation);
            answer = await _http.SendAsync(instanceId, what, method, path, body, token, cancellation);
        }

        if (!answer.IsSuccess)
        {
            throw WixFaults.Of(what, answer, token, _options.AppSecret?.Trim());
        }

        return answer.Json is null ? throw WixFaults.NotUnderstood(what, answer, "it is no JSON object of at most 8 MiB") : answer;
    }

    private static ApiImport? ReadImport(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var json = new TolerantJson();
        return LoyaltyImportReader.Read(item, fallbackId: null, json) is { } import ? new ApiImport(import, json.Unreadable) : null;
    }

    // On the last page Wix leaves the cursor out and says hasNext: false.
    private static string? ReadNext(JsonElement? paging)
    {
        var json = new TolerantJson();
        var next = json.String(json.Object(paging, "cursors", "cursors"), "next", "next");
        return string.IsNullOrEmpty(next) || json.Boolean(paging, "hasNext", "hasNext") == false ? null : next;
    }

    // Never inside a letter.
    private static string? Cut(string? name) => name?.Length > LongestName ? string.Concat(name.AsSpan(0, char.IsHighSurrogate(name[LongestName - 1]) ? LongestName - 1 : LongestName), "…") : name;

    private static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
