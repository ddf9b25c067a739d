using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Tests.Imports;

public sealed class CellRulesTests
{
    [Theory]
    [InlineData("ann@example.com")]
    [InlineData("a@b.co")]
    [InlineData("first.last+tag@sub.example.org")]
    [InlineData("o'neil@example.com")]
    [InlineData("jürgen@bücher.example")]
    [InlineData("用户@例子.中国")]
    [InlineData("उपयोगकर्ता@उदाहरण.भारत")]
    [InlineData("x@xn--bcher-kva.example")]
    public void Email_of_any_script_passes(string cell) => Assert.True(CellRules.LooksLikeEmail(cell));

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("ann")]
    [InlineData("ann@")]
    [InlineData("@example.com")]
    [InlineData("ann@localhost")]
    [InlineData("ann@@example.com")]
    [InlineData("ann@x@example.com")]
    [InlineData(".ann@example.com")]
    [InlineData("ann.@example.com")]
    [InlineData("a..nn@example.com")]
    [InlineData("ann@.example.com")]
    [InlineData("ann@example.com.")]
    [InlineData("ann@example..com")]
    [InlineData("ann lee@example.com")]
    [InlineData(" ann@example.com")]
    [InlineData("ann@example.com ")]
    [InlineData("ann@exa mple.com")]
    [InlineData("Ann <ann@example.com>")]
    [InlineData("mailto:ann@example.com")]
    [InlineData("ann@192.168.0.1")]
    [InlineData("ann@example_1.com")]
    [InlineData("12@3.5")]
    [InlineData("ann\u0000@example.com")]
    public void Cell_without_the_form_of_an_email_is_refused(string cell) => Assert.False(CellRules.LooksLikeEmail(cell));

    [Theory]
    [InlineData(64, 100, true)]
    [InlineData(65, 100, false)]
    [InlineData(64, 189, true)]
    [InlineData(64, 190, false)]
    public void Email_has_the_longest_lengths_of_the_standard(int local, int domain, bool isEmail) =>
        Assert.Equal(isEmail, CellRules.LooksLikeEmail(new string('a', local) + "@" + new string('b', domain - 4) + ".com"));

    [Theory]
    [InlineData("0")]
    [InlineData("7")]
    [InlineData("007")]
    [InlineData("999999999999999")]
    public void Whole_number_is_points(string cell) => Assert.True(CellRules.LooksLikePoints(cell));

    [Theory]
    [InlineData("")]
    [InlineData(" 5")]
    [InlineData("-5")]
    [InlineData("+5")]
    [InlineData("5.0")]
    [InlineData("1,200")]
    [InlineData("1 200")]
    [InlineData("1E+05")]
    [InlineData("€50")]
    [InlineData("50 pts")]
    [InlineData("'50")]
    [InlineData("٥٠")]
    [InlineData("½")]
    [InlineData("1000000000000000")]
    public void Anything_but_plain_digits_is_no_points(string cell) => Assert.False(CellRules.LooksLikePoints(cell));
}
