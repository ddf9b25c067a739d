using System.CommandLine;
using System.Globalization;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Commands;

/// <summary><c>admin-link</c>: makes a link that makes an administrator, for whoever holds the machine when no administrator can sign in any more. The dashboard may run.</summary>
internal static class AdminLinkCommand
{
    private const string Name = "admin-link";

    /// <summary>The command.</summary>
    public static Command Create(Func<string[], IHostApplicationBuilder> configure)
    {
        var (database, contentRoot) = (DatabaseCommand.Database(), DatabaseCommand.ContentRoot());
        var command = new Command(Name, $"Prints a link that makes an administrator; it works once, within {Links.AdministratorLength.TotalMinutes:0} minutes. The dashboard may run.") { database, contentRoot };
        command.SetAction((parsed, cancellation) => DatabaseCommand.RunAsync(Name, parsed.InvocationConfiguration, () =>
        {
            var root = parsed.GetValue(contentRoot);
            var settings = configure(root is null ? [] : ["--contentRoot", root.FullName]).Configuration;
            return RunAsync(DatabaseCommand.Path(parsed.GetValue(database), root, configure), settings["Dashboard:PublicUrl"], parsed.InvocationConfiguration.Output, cancellation);
        }));
        return command;
    }

    private static async Task RunAsync(string database, string? address, TextWriter output, CancellationToken cancellation)
    {
        if (!File.Exists(database))
        {
            throw new InvalidOperationException($"There is no database at {database}. Name it with --database, or start from the same folder and in the same environment as the dashboard; start the dashboard once, and it makes it.");
        }

        await using var services = Services(database);
        await using (var context = await services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync(cancellation))
        {
            if ((await context.Database.GetPendingMigrationsAsync(cancellation)).Any())
            {
                throw new InvalidOperationException($"The database at {database} is of an older version. Start the dashboard of this version once; it brings it up to date.");
            }
        }

        await services.GetRequiredService<AuditLog>().AppendAsync(new(AuditEntry.Command, AuditAction.Link, null, "made a link that makes an administrator"), cancellation);
        var link = await services.GetRequiredService<Links>().ForAdministratorAsync(cancellation);
        await output.WriteLineAsync(string.IsNullOrWhiteSpace(address)
            ? "Open this at the dashboard's address, which it prints when it starts (http://localhost:5080, for example), with this path behind it:"
            : "Open this:");
        await output.WriteLineAsync((address?.Trim().TrimEnd('/') ?? string.Empty) + link);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"It makes an administrator, once, within {Links.AdministratorLength.TotalMinutes:0} minutes. Links made before for the same work no longer."));
    }

    // What it takes to make a link, and nothing of the rest of the program.
    private static ServiceProvider Services(string database) => new ServiceCollection()
        .AddLogging()
        .AddSingleton(TimeProvider.System)
        .AddSingleton(SqliteSetup.Resolve($"Data Source={database}", Path.GetDirectoryName(database)!))
        .AddDbContextFactory<DashboardDb>((services, options) => options.UseSqlite(services.GetRequiredService<SqliteConnectionStringBuilder>().ConnectionString).AddInterceptors(new SqliteSetup()))
        .AddSingleton<KeyDirectory>().AddSingleton<PersonalHash>().AddSingleton<AuditChain>().AddSingleton<AuditLog>().AddSingleton<Links>()
        .BuildServiceProvider();
}
