using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Components;

/// <summary>Section <c>Dashboard</c>: how the world reaches us.</summary>
public sealed class DashboardOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Dashboard";

    /// <summary>The address under which Wix reaches this program, for instance a tunnel's; shown to paste into Wix. The browser's own address unless set.</summary>
    public string? PublicUrl { get; set; }
}

/// <summary>Refuses an address that could not be pasted anywhere.</summary>
public sealed class DashboardOptionsValidator : IValidateOptions<DashboardOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, DashboardOptions options) =>
        string.IsNullOrWhiteSpace(options.PublicUrl) || (Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var url) && url.Scheme is ("https" or "http") && url.AbsolutePath == "/" && url.Query.Length == 0 && url.Fragment.Length == 0)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Dashboard:PublicUrl is \"{options.PublicUrl}\", which is no http or https address without a path; the door's own path is added to it. A good one is: https://loyalty.example.com");
}
