using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Wix;

/// <summary>Section <c>Wix</c>: what we need to know of the app at Wix.</summary>
public sealed class WixOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Wix";

    /// <summary>Public keys that webhooks may be signed with; several at once for rotation. Forms: see <see cref="PublicKeyReader"/>.</summary>
    public IList<string> PublicKeys { get; } = [];

    /// <summary>Where Wix's APIs live unless <see cref="ApiBaseUrl"/> names another place.</summary>
    public const string DefaultApiBaseUrl = "https://www.wixapis.com";

    /// <summary>Id of the app at Wix; with <see cref="AppSecret"/> it lets the dashboard follow imports to their end.</summary>
    public string? AppId { get; set; }

    /// <summary>Secret of the app at Wix. Never logged, never shown.</summary>
    public string? AppSecret { get; set; }

    /// <summary>Where Wix's APIs live: an address without query, to which their paths are added.</summary>
    public string ApiBaseUrl { get; set; } = DefaultApiBaseUrl;

    /// <summary>Secrets that the second door's senders sign with; several at once for rotation. None: that door answers 404.</summary>
    public IList<SdkSecret> SdkSecrets { get; } = [];

    /// <summary>Whether imports can be followed: without both halves the dashboard is a receiver alone.</summary>
    public bool CanFollow => !string.IsNullOrWhiteSpace(AppId) && !string.IsNullOrWhiteSpace(AppSecret);
}

/// <summary>One secret of the second door.</summary>
public sealed class SdkSecret
{
    /// <summary><c>whsec_</c> and the base64 of 24 to 64 bytes, as Standard Webhooks writes them.</summary>
    public string Secret { get; set; } = string.Empty;

    /// <summary>The only site this secret speaks for; any site unless set.</summary>
    public string? InstanceId { get; set; }
}

/// <summary>Refuses to start without a usable key or secret: an unsigned mode does not exist.</summary>
public sealed class WixOptionsValidator(IHostEnvironment environment) : IValidateOptions<WixOptions>
{
    private const string Example = "Paste the public key from the Webhooks page of your app at Wix, for example Wix__PublicKeys__0=\"-----BEGIN PUBLIC KEY-----\\nMIIB…\\n-----END PUBLIC KEY-----\", or the path of a file that holds it.";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, WixOptions options)
    {
        if (options.PublicKeys.Count == 0 && options.SdkSecrets.Count == 0)
        {
            return ValidateOptionsResult.Fail($"Wix:PublicKeys is missing, so no webhook could be verified. {Example} Where your own code on Wix forwards the events and you have no app, Wix:SdkSecrets is enough. To try the dashboard without Wix, set Sandbox:Enabled=true in the Development environment.");
        }

        var faults = new List<string>();
        for (var index = 0; index < options.PublicKeys.Count; index++)
        {
            if (!PublicKeyReader.TryRead(options.PublicKeys[index], environment.ContentRootPath, out _, out var fault))
            {
                faults.Add($"Wix:PublicKeys:{index} {fault}. {Example}");
            }
        }

        faults.AddRange(FaultsOfFollowing(options));
        for (var index = 0; index < options.SdkSecrets.Count; index++)
        {
            if (!IsSdkSecret(options.SdkSecrets[index].Secret))
            {
                faults.Add($"Wix:SdkSecrets:{index}:Secret is not whsec_ followed by the base64 of 24 to 64 bytes. Make one with: echo whsec_$(openssl rand -base64 32)");
            }
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> FaultsOfFollowing(WixOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.AppId) != string.IsNullOrWhiteSpace(options.AppSecret))
        {
            var (missing, given) = string.IsNullOrWhiteSpace(options.AppId) ? ("Wix:AppId", "Wix:AppSecret") : ("Wix:AppSecret", "Wix:AppId");
            yield return $"{missing} is missing beside {given}; imports are followed with both. Both stand under \"View ID & keys\" of your app at Wix, for example Wix__AppId=11111111-2222-4333-8444-555555555555. Without either the dashboard receives webhooks and does not follow.";
        }

        if (!Uri.TryCreate(options.ApiBaseUrl, UriKind.Absolute, out var url) || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)) || url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
        {
            yield return $"Wix:ApiBaseUrl is no https address (http only on this machine) without a query. A good one is: {WixOptions.DefaultApiBaseUrl}";
        }
    }

    private static bool IsSdkSecret(string secret)
    {
        var bytes = new byte[secret.Length];
        return secret.StartsWith("whsec_", StringComparison.Ordinal) && Convert.TryFromBase64String(secret["whsec_".Length..], bytes, out var length) && length is >= 24 and <= 64;
    }
}
