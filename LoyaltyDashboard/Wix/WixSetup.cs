using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Wix;

/// <summary>What the room brings to the program.</summary>
public static class WixSetup
{
    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddWix(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<WixOptions>, WixOptionsValidator>();
        builder.Services.AddOptions<WixOptions>().BindConfiguration(WixOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<TokenVerifier>();
        builder.Services.AddSingleton<StandardWebhooks>();
        builder.Services.AddSingleton<WixRequestBudget>();
        builder.Services.AddSingleton<WixHttp>();
        builder.Services.AddSingleton<WixTokens>();
        builder.Services.AddSingleton(services => new WixApi(services.GetRequiredService<WixHttp>(), services.GetRequiredService<WixTokens>(), services.GetRequiredService<IOptions<WixOptions>>()));
        builder.Services.AddWixClient();
        builder.Services.AddErrorFiles();
        return builder;
    }
}
