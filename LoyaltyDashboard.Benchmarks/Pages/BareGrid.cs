using System.CommandLine;
using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MudBlazor;
using MudBlazor.Services;

namespace LoyaltyDashboard.Benchmarks.Pages;

/// <summary>A Blazor Server app that has one page: a MudDataGrid with as many rows and columns as the imports page, and nothing else.</summary>
public static class BareGrid
{
    private const string Name = "serve-bare-grid";

    /// <summary>The command that this program starts itself with, in a process of its own.</summary>
    public static Command Create()
    {
        var command = new Command(Name, "Serves a page with a grid.") { Hidden = true };
        command.SetAction((_, cancellation) => ServeAsync(cancellation));
        return command;
    }

    /// <summary>Starts it as a process.</summary>
    public static Task<ServerProcess> StartAsync(params IEnumerable<(string Key, string Value)> settings)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(BareGrid).Assembly.Location, Name]);
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        return ServerProcess.StartAsync(start, PublishedDashboard.ReadAddress);
    }

    private static async Task ServeAsync(CancellationToken cancellation)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddMudServices();
        var app = builder.Build();
        app.UseAntiforgery();
        app.MapRazorComponents<Document>().AddInteractiveServerRenderMode();
        await app.StartAsync(cancellation);
        Console.WriteLine($"bare grid is ready: {app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}");
        await app.WaitForShutdownAsync(cancellation);
    }

    /// <summary>The document around the page.</summary>
    public sealed class Document : ComponentBase
    {
        /// <inheritdoc/>
        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenElement(0, "html");
            builder.OpenElement(1, "body");
            builder.OpenComponent<GridPage>(2);
            builder.AddComponentRenderMode(new InteractiveServerRenderMode(prerender: false));
            builder.CloseComponent();
            builder.CloseElement();
            builder.CloseElement();
        }
    }

    /// <summary>The page.</summary>
    [Route("/")]
    public sealed class GridPage : ComponentBase
    {
        private readonly List<Row> _rows = [.. Enumerable.Range(0, PagesCommand.Rows).Select(Row.Invent)];

        /// <inheritdoc/>
        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenComponent<MudThemeProvider>(0);
            builder.CloseComponent();
            builder.OpenComponent<MudPopoverProvider>(1);
            builder.CloseComponent();
            builder.OpenComponent<MudDataGrid<Row>>(2);
            builder.AddComponentParameter(3, nameof(MudDataGrid<Row>.Items), _rows);
            builder.AddComponentParameter(4, nameof(MudDataGrid<Row>.RowsPerPage), PagesCommand.Rows);
            builder.AddComponentParameter(5, nameof(MudDataGrid<Row>.Columns), (RenderFragment)Columns);
            builder.CloseComponent();
        }

        private static void Columns(RenderTreeBuilder builder)
        {
            Column(builder, 0, row => row.Status);
            Column(builder, 10, row => row.File);
            Column(builder, 20, row => row.Site);
            Column(builder, 30, row => row.Rows);
            Column(builder, 40, row => row.Result);
            Column(builder, 50, row => row.Mapping);
            Column(builder, 60, row => row.Arrived);
        }

#pragma warning disable ASP0006 // Every call hands in a number of its own.
        private static void Column<T>(RenderTreeBuilder builder, int sequence, System.Linq.Expressions.Expression<Func<Row, T>> property)
        {
            builder.OpenComponent<PropertyColumn<Row, T>>(sequence);
            builder.AddComponentParameter(sequence + 1, nameof(PropertyColumn<Row, T>.Property), property);
            builder.CloseComponent();
        }
#pragma warning restore ASP0006
    }

    /// <summary>What a row of the imports page says.</summary>
    public sealed record Row(string Status, string File, string Site, long? Rows, string Result, string Mapping, DateTimeOffset Arrived)
    {
        /// <summary>The row of an import.</summary>
        public static Row Invent(int number)
        {
            var import = InventedEvents.Import(number, DateTimeOffset.UtcNow);
            return new(import.Status!, import.FileMetadata!.Name!, InventedEvents.Site(InventedEvents.SiteOf(number)).Name, import.ParseResult?.ParsedRowCount, $"{import.ImportResult?.SuccessCount} / {import.ImportResult?.FailureCount}", "healthy", DateTimeOffset.UtcNow);
        }
    }
}
