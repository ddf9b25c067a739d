using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Storage;

public sealed class TextFoldTests
{
    [Theory]
    [InlineData("STRASSE", "strasse")]
    [InlineData("ＳＴＲＡＳＳＥ", "strasse")]
    [InlineData("ÜNÏTED", "ünïted")]
    [InlineData("e\u0301", "é")]
    [InlineData("ΟΔΟΣ", "οδος")]
    [InlineData("οδός", "ΟΔΌΣ")]
    [InlineData("КЛИЕНТЫ", "клиенты")]
    [InlineData("ﬁle", "FILE")]
    [InlineData("straße", "STRASSE")]
    [InlineData("İstanbul", "istanbul")]
    [InlineData("\u212A", "k")]
    public void Texts_that_differ_by_case_or_form_meet(string one, string other) => Assert.Equal(TextFold.Fold(one), TextFold.Fold(other));

    [Theory]
    [InlineData("a", "b")]
    [InlineData("e", "é")]
    [InlineData("%", "_")]
    public void Other_texts_stay_apart(string one, string other) => Assert.NotEqual(TextFold.Fold(one), TextFold.Fold(other));

    [Fact]
    public void Folding_twice_changes_nothing_more() => Prop.ForAll(ArbMap.Default.GeneratorFor<string>().Where(t => t is not null).ToArbitrary(), text =>
        TextFold.Fold(TextFold.Fold(text)) == TextFold.Fold(text)).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void Ill_formed_text_is_folded_by_case_alone() => Assert.Equal("a\uD800b", TextFold.Fold("A\uD800B"));

    [Fact]
    public void Language_of_the_machine_changes_nothing()
    {
        var before = Thread.CurrentThread.CurrentCulture;
        try
        {
            Thread.CurrentThread.CurrentCulture = new System.Globalization.CultureInfo("tr-TR");
            Assert.Equal("file.csv", TextFold.Fold("FILE.CSV"));
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }
}
