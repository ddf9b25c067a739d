using System.Net;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.CookiePolicy;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Access;

/// <summary>What the room brings to the program.</summary>
public static class AccessSetup
{
    // Chooses between the two ways in: who sends a key is asked for the key, everybody else for the cookie.
    private const string Either = "CookieOrKey";

    private const int ShortestPassword = 12;

    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddAccess(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddKeyRing();
        services.AddSingleton<KeyDirectory>().AddSingleton<PersonalHash>().AddSingleton<AuditChain>().AddSingleton<AuditLog>().AddSingleton<AuditQueries>().AddSingleton<SettingsLog>().AddSingleton<Forgotten>();
        services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>();
        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section).ValidateOnStart();
        services.AddSingleton<AccessDirectory>().AddSingleton<Sessions>().AddSingleton<ApiKeys>().AddSingleton<Links>().AddSingleton<StartLink>().AddSingleton<Reveals>().AddSingleton<Readers>().AddSingleton<People>().AddSingleton<KeyAdministration>().AddSingleton<PasswordTurns>().AddSingleton<FailedSignIns>().AddSingleton<UsedCodes>();
        services.AddScoped<CurrentUser>().AddScoped<RevealService>();
        services.AddScoped(scope => new CurrentReader(() => scope.GetRequiredService<Readers>().Of(scope.GetRequiredService<CurrentUser>().User)));
        services.AddHostedService<AccessStart>();
        services.AddSingleton<LiveConnections>().AddHostedService(all => all.GetRequiredService<LiveConnections>());
        if (builder.Environment.IsDevelopment())
        {
            services.AddSingleton<DevelopmentSignIn>();
        }

        services.AddAccounts();
        services.AddTransient<SessionCookie>();
        services.AddAuthentication(Either)
            .AddPolicyScheme(Either, null, options => options.ForwardDefaultSelector = context => ApiKeyHandler.KeyOf(context.Request) is null ? IdentityConstants.ApplicationScheme : ApiKeyHandler.Name)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.Name, null)
            .AddIdentityCookies();
        services.AddOidc();
        services.Configure<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme, options =>
        {
            options.Cookie.Name = "loyalty-dashboard";
            options.LoginPath = "/sign-in";
            options.LogoutPath = "/sign-out";
            options.AccessDeniedPath = "/no-access";
            options.ReturnUrlParameter = "returnUrl";
            options.ExpireTimeSpan = Sessions.LongestIdle;
            options.SlidingExpiration = true;
            options.EventsType = typeof(SessionCookie);
        });
        services.ConfigureAll<CookieAuthenticationOptions>(options =>
        {
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Lax;
        });
        services.AddSingleton<IAuthorizationHandler, RoleRequirementHandler>();
        services.AddAuthorizationBuilder()
            .AddPolicy(RolePolicy.Viewer, RolePolicy.Of(Role.Viewer)).AddPolicy(RolePolicy.Operator, RolePolicy.Of(Role.Operator)).AddPolicy(RolePolicy.Administrator, RolePolicy.Of(Role.Administrator))
            .SetDefaultPolicy(RolePolicy.Of(Role.Viewer)).SetFallbackPolicy(RolePolicy.Of(Role.Viewer));
        services.AddCascadingAuthenticationState();
        return builder;
    }

    /// <summary>Asks everybody behind this line who they are; what is not said to be open takes a viewer.</summary>
    /// <param name="app">The program.</param>
    /// <param name="known">What comes between: it is known who asks, and not yet whether they may.</param>
    public static WebApplication UseAccess(this WebApplication app, Action<IApplicationBuilder> known)
    {
        // The cookies of the sign-in, of its forms and of its redirects alike.
        app.UseCookiePolicy(new()
        {
            HttpOnly = HttpOnlyPolicy.Always,
            MinimumSameSitePolicy = SameSiteMode.Lax,
            OnAppendCookie = cookie => cookie.CookieOptions.Secure |= !IsHere(cookie.Context.Request.Host.Host),
        });
        app.UseAuthentication();
        app.Use((context, next) =>
        {
            context.RequestServices.GetRequiredService<CurrentUser>().User = context.User;
            return next(context);
        });
        known(app);
        app.UseAuthorization();
        app.UseWhen(context => LiveConnections.IsLive(context.Request.Path), live =>
        {
            var connections = app.Services.GetRequiredService<LiveConnections>();
            live.Use((HttpContext context, RequestDelegate next) => connections.WatchAsync(context, next));
        });
        return app;
    }

    /// <summary>Maps the room's routes.</summary>
    public static WebApplication MapAccess(this WebApplication app)
    {
        app.Services.GetService<DevelopmentSignIn>()?.Map(app);
        SignInRoutes.Map(app);
        return app;
    }

    // Browsers keep secure cookies off plain http, which is for this machine alone; a name that only looks like it gets none.
    private static bool IsHere(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static void AddAccounts(this IServiceCollection services)
    {
        services.AddScoped(scope => scope.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContext());
        services.AddIdentityCore<Account>(options =>
            {
                options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;
                options.User.RequireUniqueEmail = true;
                // Length is what counts; rules about kinds of letters only make people write passwords down.
                (options.Password.RequiredLength, options.Password.RequireDigit, options.Password.RequireLowercase, options.Password.RequireUppercase, options.Password.RequireNonAlphanumeric) = (ShortestPassword, false, false, false, false);
                options.Lockout.MaxFailedAccessAttempts = 5;
                options.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(15);
            })
            .AddUserManager<Accounts>()
            .AddPasswordValidator<GuessablePassword>()
            .AddErrorDescriber<AccountWords>()
            .AddSignInManager<AccountSignIn>()
            .AddEntityFrameworkStores<DashboardDb>()
            .AddDefaultTokenProviders();
        services.Configure<IdentityPasskeyOptions>(options =>
        {
            // A passkey is both factors in one only if its owner was asked for; and without a name only if it brings one.
            options.UserVerificationRequirement = "required";
            options.ResidentKeyRequirement = "required";
        });
        services.AddScoped<SignIn>().AddScoped<Entry>().AddScoped<OwnAccount>();
    }
}
