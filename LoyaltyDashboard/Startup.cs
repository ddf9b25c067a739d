using LoyaltyDashboard.Webhooks;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard;

/// <summary>What start and stop need beyond the rooms.</summary>
internal static class Startup
{
    /// <summary>The configuration, and where it is; nothing runs yet.</summary>
    public static WebApplicationBuilder Configure(string[] args) => WebApplication.CreateBuilder(Options(args));

    /// <summary>
    /// Published output carries its own wwwroot and settings and must find them from any working directory; from a checkout the repository root,
    /// which is the working directory of <c>dotnet run</c>, is the content root.
    /// </summary>
    private static WebApplicationOptions Options(string[] args)
    {
        var isPublished = Directory.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot"));
        var isTold = args.Any(arg => arg.StartsWith("--contentRoot", StringComparison.OrdinalIgnoreCase));
        return new WebApplicationOptions { Args = args, ContentRootPath = isPublished && !isTold ? AppContext.BaseDirectory : null };
    }

    /// <summary>
    /// Build output in an environment other than Development would answer 200 with empty bodies for every style and script; the manifest that the build
    /// leaves behind says where they are.
    /// </summary>
    public static void UseAssetsWhereverTheyAre(this WebApplicationBuilder builder)
    {
        if (File.Exists(Path.Combine(AppContext.BaseDirectory, "LoyaltyDashboard.staticwebassets.runtime.json")))
        {
            builder.WebHost.UseStaticWebAssets();
        }
    }

    /// <summary>A start that is refused is told once, in words, by <see cref="Refuse"/>; the host's own stack trace beside it says no more.</summary>
    public static void QuietenRefusedStarts(this WebApplicationBuilder builder) =>
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);

    /// <summary>
    /// Addresses of requests hold what nobody is to read in a log: the secret of a one-time link, the key of a hub client, an e-mail address that somebody searches for. What the framework
    /// logs with an address in it is left out, whatever the configuration says of the framework as a whole.
    /// </summary>
    public static void KeepAddressesOutOfLog(this WebApplicationBuilder builder)
    {
        string[] withAddresses = ["Hosting.Diagnostics", "Routing", "StaticFiles", "StaticAssets", "Components", "SignalR", "Http.Connections", "Http.Result", "HttpsPolicy", "Authentication.Cookies", "Authentication.OpenIdConnect", "Cors"];

        // A rule that names a provider goes before any that names none, so there is one for each provider that the configuration names.
        builder.Services.PostConfigure<LoggerFilterOptions>(options =>
        {
            // And a rule with a longer name goes before a shorter one. The registry of circuits knows them by number alone, and is the only one to say when a page was given up.
            for (var i = 0; i < options.Rules.Count; i++)
            {
                var rule = options.Rules[i];
                if (rule.LogLevel < LogLevel.Warning && rule.CategoryName != "Microsoft.AspNetCore.Components.Server.Circuits.CircuitRegistry" && withAddresses.Any(category => rule.CategoryName?.StartsWith("Microsoft.AspNetCore." + category, StringComparison.OrdinalIgnoreCase) == true))
                {
                    options.Rules[i] = new(rule.ProviderName, rule.CategoryName, LogLevel.Warning, rule.Filter);
                }
            }

            foreach (var provider in options.Rules.Select(rule => rule.ProviderName).Append(null).Distinct().ToList())
            {
                foreach (var category in withAddresses)
                {
                    options.Rules.Add(new(provider, "Microsoft.AspNetCore." + category, LogLevel.Warning, filter: null));
                }
            }
        });
    }

    /// <summary>Whether what was thrown before the start is a reason not to start, and not the host's own way of ending early.</summary>
    public static bool IsRefusal(Exception exception) => exception is not (HostAbortedException or ObjectDisposedException);

    /// <summary>What went wrong is for the log, in every environment; who asked hears that something did, and where it was the request itself, of what kind.</summary>
    public static void KeepFaultsToTheLog(this WebApplication app)
    {
        // A door answers for itself; what it lets through is for Kestrel, which says nothing of it: a sender that hung up in the middle.
        app.UseWhen(context => !IsAtDoor(context), others => others.UseExceptionHandler(new ExceptionHandlerOptions
        {
            // Being asked too much is no fault of ours, and whoever asks must not be able to fill the log with it.
            SuppressDiagnosticsCallback = handled => handled.Exception is BadHttpRequestException { StatusCode: StatusCodes.Status429TooManyRequests },
            StatusCodeSelector = exception => exception is BadHttpRequestException request ? request.StatusCode : StatusCodes.Status500InternalServerError,
        }));
        if (app.Environment.IsDevelopment())
        {
            // Between the two there stands the framework's own page then, with all that is known of the fault.
            app.UseWhen(IsAtDoor, doors => doors.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = _ => Task.CompletedTask }));
        }

        static bool IsAtDoor(HttpContext context) => context.Request.Path.StartsWithSegments(WebhooksSetup.Path, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Threads for the doors beside those that wait for SQLite, without the pool's half second of hesitation before each.</summary>
    public static void KeepThreadsForDoors() => ThreadPool.SetMinThreads((2 * Environment.ProcessorCount) + 1, 8);

    /// <summary>Says in plain words why the program does not start.</summary>
    public static int Refuse(Exception exception)
    {
        foreach (var message in exception is OptionsValidationException options ? options.Failures : [exception.Message])
        {
            Console.Error.WriteLine($"LoyaltyDashboard does not start: {message}{Hint(exception)}");
        }

        return 1;
    }

    // What the server throws of an address names neither the setting nor a good one.
    private static string Hint(Exception exception) => exception switch
    {
        FormatException or ArgumentOutOfRangeException or System.Net.Sockets.SocketException or PlatformNotSupportedException => ". Check --urls or ASPNETCORE_URLS; a good one is http://localhost:5080",
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => " Choose another with --urls or ASPNETCORE_URLS, for example http://localhost:5081",
        InvalidOperationException when exception.Message.Contains("dev-certs", StringComparison.Ordinal) => " Name yours with Kestrel__Certificates__Default__Path and Kestrel__Certificates__Default__KeyPath.",
        InvalidOperationException { InnerException: FormatException or ArgumentException or OverflowException } when exception.Message.Contains("configuration value", StringComparison.Ordinal) => " Good ones are true for a switch and 5 for a number.",
        _ => string.Empty,
    };
}
