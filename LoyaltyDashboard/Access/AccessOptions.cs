using LoyaltyDashboard.Storage;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Access;

/// <summary>Who may come in, as far as the configuration says.</summary>
public sealed class AccessOptions
{
    /// <summary>Where it stands in the configuration.</summary>
    public const string Section = "Access";

    /// <summary>The first administrator of an install that nobody attends.</summary>
    public AdminOptions Admin { get; set; } = new();

    /// <summary>Keys for scripts.</summary>
    public List<ApiKeyOptions> ApiKeys { get; set; } = [];

    /// <summary>An OpenID Connect provider.</summary>
    public OidcOptions Oidc { get; set; } = new();
}

/// <summary>The first administrator of an install that nobody attends. Made when there is no user yet, and left alone afterwards.</summary>
public sealed class AdminOptions
{
    /// <summary>E-mail address, by which they sign in.</summary>
    public string? Email { get; set; }

    /// <summary>Password.</summary>
    public string? Password { get; set; }
}

/// <summary>A key for scripts that the configuration gives.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>What it is for; by it the key is known again when it is changed.</summary>
    public string? Name { get; set; }

    /// <summary>Viewer, Operator or Administrator.</summary>
    public string? Role { get; set; }

    /// <summary>The key: 32 characters or more.</summary>
    public string? Key { get; set; }

    /// <summary>Instance ids of the sites it may see; without any: all.</summary>
    public List<string>? Sites { get; set; }
}

/// <summary>Names the key, the fault and a good example.</summary>
internal sealed class AccessOptionsValidator(IConfiguration configuration) : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        List<string> faults = [.. options.Oidc.Faults()];
        if (string.IsNullOrWhiteSpace(options.Admin.Email) != string.IsNullOrWhiteSpace(options.Admin.Password))
        {
            faults.Add("Access:Admin needs both Email and Password, for example ops@example.com and a password of 12 characters or more; or neither.");
        }
        else if (options.Admin.Email is { Length: > 0 } email && !email.Contains('@', StringComparison.Ordinal))
        {
            faults.Add("Access:Admin:Email is no e-mail address; a good one is ops@example.com.");
        }

        // Bound to nothing it would mean all sites, which is the opposite of what was meant.
        if (options.Oidc.Sites.Count == 0 && configuration.GetSection($"{AccessOptions.Section}:Oidc:Sites").Exists())
        {
            faults.Add("Access:Oidc:Sites must be a list of instance ids, for example Access:Oidc:Sites:0=5a4db0c5-0000-4000-8000-000000000001; leave it out for all sites.");
        }

        for (var i = 0; i < options.ApiKeys.Count; i++)
        {
            var key = options.ApiKeys[i];
            if (string.IsNullOrWhiteSpace(key.Name))
            {
                faults.Add($"Access:ApiKeys:{i}:Name is missing; say what the key is for, for example nightly-report.");
            }

            if (key.Key is not { Length: >= ApiKeys.ShortestKey })
            {
                faults.Add($"Access:ApiKeys:{i}:Key must have {ApiKeys.ShortestKey} characters or more; openssl rand -hex 32 makes a good one.");
            }

            if (key.Sites is not { Count: > 0 } && configuration.GetSection($"{AccessOptions.Section}:ApiKeys:{i}:Sites").Exists())
            {
                faults.Add($"Access:ApiKeys:{i}:Sites must be a list of instance ids, for example Access:ApiKeys:{i}:Sites:0=5a4db0c5-0000-4000-8000-000000000001; leave it out for all sites.");
            }

            if (!TryRole(key.Role, out _))
            {
                faults.Add($"Access:ApiKeys:{i}:Role must be Viewer, Operator or Administrator.");
            }
        }

        if (options.ApiKeys.GroupBy(k => k.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Key is not null && g.Count() > 1) is { } twice)
        {
            faults.Add($"Access:ApiKeys names two keys {twice.Key}; give each a name of its own.");
        }

        if (options.ApiKeys.Where(k => k.Key is not null).GroupBy(k => k.Key, StringComparer.Ordinal).Any(g => g.Count() > 1))
        {
            faults.Add("Access:ApiKeys has the same key twice; make one for each with openssl rand -hex 32.");
        }

        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }

    /// <summary>Reads a role's name; a number is none.</summary>
    public static bool TryRole(string? text, out Role role) => Enum.TryParse(text, ignoreCase: true, out role) && role is Role.Viewer or Role.Operator or Role.Administrator && !int.TryParse(text, out _);
}
