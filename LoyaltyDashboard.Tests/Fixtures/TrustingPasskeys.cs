using System.Globalization;
using System.Text;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>Passkeys without the mathematics: what is sent as the credential is the row of the account whose passkey it is, and is believed.</summary>
public sealed class TrustingPasskeys : IPasskeyHandler<Account>
{
    public Task<PasskeyCreationOptionsResult> MakeCreationOptionsAsync(PasskeyUserEntity userEntity, HttpContext httpContext) => Task.FromResult(new PasskeyCreationOptionsResult { CreationOptionsJson = "{}", AttestationState = userEntity.Id });

    public Task<PasskeyRequestOptionsResult> MakeRequestOptionsAsync(Account? user, HttpContext httpContext) => Task.FromResult(new PasskeyRequestOptionsResult { RequestOptionsJson = "{}", AssertionState = "asked" });

    public Task<PasskeyAttestationResult> PerformAttestationAsync(PasskeyAttestationContext context) =>
        Task.FromResult(PasskeyAttestationResult.Success(Passkey(context.CredentialJson), new() { Id = context.CredentialJson, Name = "x", DisplayName = "x" }));

    public async Task<PasskeyAssertionResult<Account>> PerformAssertionAsync(PasskeyAssertionContext context) =>
        PasskeyAssertionResult.Success(Passkey(context.CredentialJson), (await context.HttpContext.RequestServices.GetRequiredService<Accounts>().FindByIdAsync(context.CredentialJson))!);

    /// <summary>The passkey of an account.</summary>
    public static UserPasskeyInfo Passkey(string id) => new(Encoding.UTF8.GetBytes(id), [1], DateTimeOffset.UnixEpoch, 0, null, true, false, false, [1], [1]);

    /// <summary>The credential that the browser of an account's owner sends.</summary>
    public static string Of(long id) => id.ToString(CultureInfo.InvariantCulture);
}
