using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;

namespace LoyaltyDashboard.Access;

/// <summary>What the pages of the sign-in post to, beside themselves. Each takes the token of a form of ours.</summary>
internal static class SignInRoutes
{
    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var forms = routes.MapGroup(string.Empty).ExcludeFromDescription().AddEndpointFilter(DemandTokenAsync);
        forms.MapPost("/sign-out", (Delegate)SignOutAsync).AllowAnonymous();
        forms.MapPost("/sign-in/passkey-options", RequestOptionsAsync).AllowAnonymous();
        forms.MapPost("/account/passkey-options", CreationOptionsAsync).RequireAuthorization(RolePolicy.Viewer);
        Oidc.Map(forms, routes);
    }

    private static async Task<IResult> SignOutAsync(HttpContext context)
    {
        await context.SignOutAsync(IdentityConstants.ApplicationScheme);
        return Results.Redirect("/sign-in");
    }

    // The same for everybody: the passkey itself says whose it is.
    private static async Task<IResult> RequestOptionsAsync(AccountSignIn signIn) => Results.Content(await signIn.MakePasskeyRequestOptionsAsync(null), "application/json");

    private static async Task<IResult> CreationOptionsAsync(HttpContext context, AccountSignIn signIn, Accounts users)
    {
        if (await users.GetUserAsync(context.User) is not { } account)
        {
            return Results.Problem("A passkey belongs to a person, not to a key.", statusCode: StatusCodes.Status403Forbidden);
        }

        var name = account.Email ?? "Account";
        return Results.Content(await signIn.MakePasskeyCreationOptionsAsync(new() { Id = await users.GetUserIdAsync(account), Name = name, DisplayName = name }), "application/json");
    }

    private static async ValueTask<object?> DemandTokenAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        try
        {
            await context.RequestServices.GetRequiredService<IAntiforgery>().ValidateRequestAsync(context);
        }
        catch (AntiforgeryValidationException)
        {
            // A browser shows what it gets; a script of ours reads problem details.
            return context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
                ? Results.Text(OldForm.Words, statusCode: StatusCodes.Status400BadRequest)
                : Results.Problem(OldForm.Words, statusCode: StatusCodes.Status400BadRequest);
        }

        context.Response.Headers.CacheControl = "no-store";
        return await next(invocation);
    }
}
