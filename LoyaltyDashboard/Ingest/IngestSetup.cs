using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Ingest;

/// <summary>What the room brings to the program.</summary>
public static class IngestSetup
{
    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddIngest(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>();
        builder.Services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<Keeping>();
        builder.Services.AddSingleton<IngestQueue>();
        builder.Services.AddSingleton<DecodeAgain>();
        builder.Services.AddHostedService<ImportWriter>();
        builder.Services.AddHealthChecks().AddCheck<WriterHealth>("writer", tags: ["ready"]);
        return builder;
    }
}
