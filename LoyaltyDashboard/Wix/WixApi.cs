using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Wix;

/// <summary>The client of Wix's Imports API, and of what is needed beside it. For any number of callers.</summary>
public sealed class WixApi
{
    /// <summary>Name of the client at the IHttpClientFactory.</summary>
    public const string ClientName = "Wix";

    private readonly WixOptions _options;

    internal WixApi(IOptions<WixOptions> options) => _options = options.Value;

    /// <summary>Whether both halves of the app's credentials are there; without them every call throws.</summary>
    public bool CanFollow => _options.CanFollow;

    /// <summary>Asks for one import.</summary>
    public Task<ApiImport> GetImportAsync(string instanceId, string importId, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Asks for one page of imports.</summary>
    public Task<ApiImportPage> QueryImportsAsync(string instanceId, ImportsQuery query, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Asks for the link of an import's error file. The link opens the file to anybody: it must not be logged, stored or shown.</summary>
    public Task<Uri> GetErrorFileUrlAsync(string instanceId, string importId, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Asks for the site of an instance.</summary>
    public Task<AppInstance> GetAppInstanceAsync(string instanceId, CancellationToken cancellation) => throw new NotImplementedException();
}
