using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LoyaltyDashboard;

/// <summary>How large a request may be, whoever sends it. The doors say their own limit.</summary>
internal static class RequestLimits
{
    /// <summary>Bytes of a body: a form, or a question to the API.</summary>
    public const long LargestBody = 64 * 1024;

    /// <summary>Bytes of the line with the address: a filter with many sites is long.</summary>
    public const int LongestAddress = 8 * 1024;

    /// <summary>Bytes of all headers: the cookies of a sign-in at an identity provider come in pieces.</summary>
    public const int LargestHeaders = 32 * 1024;

    /// <summary>Has Kestrel keep to them.</summary>
    public static WebApplicationBuilder LimitRequests(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.MaxRequestLineSize = LongestAddress;
            kestrel.Limits.MaxRequestHeadersTotalSize = LargestHeaders;
            kestrel.Limits.MaxRequestHeaderCount = 100;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        return builder;
    }
}
