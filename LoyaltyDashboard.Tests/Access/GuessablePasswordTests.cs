using LoyaltyDashboard.Access;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Access;

/// <summary>Long passwords that are guessed first are refused; long ones that are not are taken.</summary>
public sealed class GuessablePasswordTests
{
    [Theory]
    [InlineData("qwerty123456", "leaks")]
    [InlineData("QWERTY123456", "leaks")]
    [InlineData("password2024!", "leaks")]
    [InlineData("P@ssw0rd2024!", "leaks")]
    [InlineData("!!!!baseball1987", "leaks")]
    [InlineData("dragondragon", "leaks")]
    [InlineData("pass word 1234", "leaks")]
    [InlineData("aaaaaaaaaaaaaaa", "repeats")]
    [InlineData("abcabcabcabcabc", "repeats")]
    [InlineData("abcdefghijklmn", "counts")]
    [InlineData("123456789012", "counts")]
    [InlineData("210987654321", "counts")]
    [InlineData("my Ann.Miller waltz", "e-mail")]
    public void Guessed_first_is_refused(string password, string says) => Assert.Contains(says, GuessablePassword.FaultOf(password, "ann.miller@example.com") ?? "taken", StringComparison.Ordinal);

    [Theory]
    [InlineData(Visitor.GoodPassword)]
    [InlineData("correct horse battery staple")]
    [InlineData("k7#Qz!pv29Lw")]
    [InlineData("ящерица пьёт зелёный чай")]
    [InlineData("ants and bees and cars")]
    public void Others_are_taken(string password) => Assert.Null(GuessablePassword.FaultOf(password, "ann@example.com"));
}
