namespace LoyaltyDashboard.Access;

/// <summary>A form whose token is not of who sends it: it belongs to who was signed in when its page was loaded.</summary>
public static class OldForm
{
    /// <summary>What its sender is told.</summary>
    public const string Words = "This form is out of date: somebody signed in or out in this browser after its page was loaded, or cookies were cleared. Go back, load the page again and try once more.";
}
