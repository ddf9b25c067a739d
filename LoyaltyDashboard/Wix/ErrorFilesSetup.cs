namespace LoyaltyDashboard.Wix;

/// <summary>What error files bring to the program.</summary>
internal static class ErrorFilesSetup
{
    /// <summary>Registers the client and what asks for the link.</summary>
    public static IServiceCollection AddErrorFiles(this IServiceCollection services) => services
        .AddSingleton(provider => new ErrorFileClient(provider.GetServices<TrustedFiles>(), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider =>
        {
            var api = provider.GetRequiredService<WixApi>();
            return new ErrorFiles(api.GetErrorFileUrlAsync, provider.GetRequiredService<ErrorFileClient>().OpenAsync, api.CanFollow);
        });
}
