using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>A host environment with a content root.</summary>
public sealed class HostIn(string contentRoot) : IHostEnvironment
{
    public string ApplicationName { get; set; } = "LoyaltyDashboard";

    public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();

    public string ContentRootPath { get; set; } = contentRoot;

    public string EnvironmentName { get; set; } = Environments.Production;
}
