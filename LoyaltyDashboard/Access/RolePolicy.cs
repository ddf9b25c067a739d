using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Authorization;

namespace LoyaltyDashboard.Access;

/// <summary>The policies that endpoints and pages name: one for each role. What names none takes a viewer.</summary>
public static class RolePolicy
{
    /// <summary>Takes a viewer.</summary>
    public const string Viewer = nameof(Role.Viewer);

    /// <summary>Takes an operator.</summary>
    public const string Operator = nameof(Role.Operator);

    /// <summary>Takes an administrator.</summary>
    public const string Administrator = nameof(Role.Administrator);

    /// <summary>The policy of a role.</summary>
    internal static AuthorizationPolicy Of(Role role) => new AuthorizationPolicyBuilder().AddRequirements(new RoleRequirement(role)).Build();
}

/// <summary>Somebody must have a role at this moment.</summary>
internal sealed record RoleRequirement(Role Role) : IAuthorizationRequirement;

/// <summary>Asks what holds now, not what the cookie said when it was made.</summary>
internal sealed class RoleRequirementHandler(Readers readers) : AuthorizationHandler<RoleRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RoleRequirement requirement)
    {
        if (readers.Of(context.User).Is(requirement.Role))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
