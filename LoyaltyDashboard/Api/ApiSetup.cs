using LoyaltyDashboard.Queries;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LoyaltyDashboard.Api;

/// <summary>What the room brings to the program.</summary>
public static class ApiSetup
{
    // Repeatable ones are lists.
    private static readonly string[] _lists = ["status", "result", "site", "mapping"];

    private static readonly (string Name, string Meaning)[] _filter =
    [
        ("q", "Text in file name, site name, ids, headings, error reason. Case does not matter."),
        ("status", "INITIATED, PARSING, PARSED, IMPORTING, IMPORTED, FAILED; UNKNOWN also finds words outside these. Repeatable."),
        ("result", "clean, with-failures or error-file. Repeatable."),
        ("site", "Instance id. Repeatable."),
        ("from", "Arrived at or after: an instant, a date (UTC) or a span before now such as -24h or -7d."),
        ("to", "Arrived before; forms as from."),
        ("mapping", "healthy, suspicious, broken or unknown. Repeatable."),
        ("sort", "arrived (default), created, updated, status, file, size, rows, succeeded, failed or site."),
        ("dir", "asc or desc (default)."),
    ];

    private static readonly (string Name, string Meaning)[] _paging = [("pageSize", "1 to 500; 50 unless given."), ("cursor", "The value of next of the page before.")];

    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddApi(this WebApplicationBuilder builder)
    {
        // The document describes what is really written.
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.NumberHandling = ImportContract.Options.NumberHandling;
            options.SerializerOptions.DefaultIgnoreCondition = ImportContract.Options.DefaultIgnoreCondition;
            foreach (var converter in ImportContract.Options.Converters)
            {
                options.SerializerOptions.Converters.Add(converter);
            }
        });
        builder.Services.AddOpenApi(options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "LoyaltyDashboard",
                    Version = "v1",
                    Description = "Wix loyalty imports as they arrive. Errors are problem details (RFC 9457). Everything but the doors takes an API key: 401 without one that works, 403 with one that has not the role. "
                        + "A key with the role Viewer gets personal data masked; what another reads in clear is audited. A key for some sites sees those alone.",
                };
                document.Components ??= new();
                document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
                document.Components.SecuritySchemes["ApiKey"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key, made on the settings page or given as Access:ApiKeys." };
                return Task.CompletedTask;
            });
            options.AddOperationTransformer(DescribeQueryAsync);
            options.AddOperationTransformer(SayWhatTakesAKeyAsync);
            options.AddSchemaTransformer(RequireOnlyWhatIsAlwaysThereAsync);
        });
        return builder;
    }

    /// <summary>Maps the room's routes.</summary>
    public static WebApplication MapApi(this WebApplication app)
    {
        app.MapOpenApi();
        app.MapGet(ImportsApi.Path, ImportsApi.ListAsync)
            .WithName("ListImports").WithSummary("Lists imports, filtered and sorted.")
            .Produces<ImportContract.ImportList>().ProducesValidationProblem();
        app.MapGet(ImportsApi.Path + "/{**id}", ImportsApi.FindAsync)
            .WithName("GetImport").WithSummary("One import, whole.")
            .Produces<ImportContract.WholeImport>().ProducesProblem(StatusCodes.Status404NotFound);
        app.Map("/api/{**rest}", (HttpContext context) =>
        {
            var isImports = context.Request.Path.StartsWithSegments("/api/imports");
            if (isImports)
            {
                context.Response.Headers.Allow = HttpMethods.Get;
            }

            return isImports
                ? Results.Problem("Imports can be read, not written: use GET.", statusCode: StatusCodes.Status405MethodNotAllowed)
                : Results.Problem("There is nothing at this address. GET /openapi/v1.json lists what there is.", statusCode: StatusCodes.Status404NotFound);
        }).ExcludeFromDescription();
        return app;
    }

    // The handlers read the query string as a whole, so that unknown names can be refused; the document says what they read.
    private static Task DescribeQueryAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var names = operation.OperationId switch
        {
            "ListImports" => _filter.Concat(_paging),
            "ExportImports" => _filter.Prepend(("format", "csv, xlsx or jsonl.")),
            _ => [],
        };
        foreach (var (name, meaning) in names)
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = meaning, Schema = Schema(name) });
        }

        return Task.CompletedTask;
    }

    private static Task SayWhatTakesAKeyAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        if (context.Description.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true)
        {
            operation.Security ??= [];
            operation.Security.Add(new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("ApiKey", context.Document)] = [] });
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema Schema(string name) => name == "pageSize" ? new() { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "500" }
        : _lists.Contains(name) ? new() { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } }
        : new() { Type = JsonSchemaType.String };

    // What is absent is left out of the answer, so only what is never null is required; next alone is always written.
    private static Task RequireOnlyWhatIsAlwaysThereAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        foreach (var property in context.JsonTypeInfo.Properties.Where(p => p.IsGetNullable && p.Name != "next"))
        {
            schema.Required?.Remove(property.Name);
        }

        return Task.CompletedTask;
    }
}
