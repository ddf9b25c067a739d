using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Access;

public sealed class MaskTests
{
    private static readonly Config _config = Config.QuickThrowOnFailure.WithMaxTest(2_000);

    private static readonly Gen<string> _letters = Gen.Elements("abcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWYZ123456789äßéОлегΑ用户名ابت".ToCharArray()).NonEmptyListOf().Select(letters => string.Concat(letters));
    private static readonly Gen<string> _local = from parts in _letters.NonEmptyListOf() from sign in Gen.Elements(".", "+", "_", "-", "'", "/", "=") select string.Join(sign, parts);
    private static readonly Gen<string> _domain = from parts in _letters.NonEmptyListOf() from ending in Gen.Elements("com", "de", "example", "рф", "中国") select string.Join('.', parts) + "." + ending;
    private static readonly Gen<string> _anything = Gen.OneOf(ArbMap.Default.GeneratorFor<string>().Where(text => text is not null), Gen.Elements("@", "a@", "@b", "@@", "＠x", "%40", "a%40b.co", "•••", "\"q r\"@s.t", "(c)", " ", ".", "\ud83d\ude00", "\ud83d", "[", "\"").ListOf().Select(parts => string.Concat(parts)));

    private static readonly Gen<string> _apart = (from l in _local from d in _domain from word in Gen.Elements("", "a", "of", "x@", "@y", "(c)@z", "\"q r\"@s.t", "x@[1.2.3.4]", "•••") select $"{l}@{d} {word}").ListOf().Select(parts => string.Join(' ', parts));

    [Theory]
    [InlineData("\"Lovelace\" is no number", "\"Xxxxxxxx\" is no number")]
    [InlineData("“Lovelace” is no number", "“Xxxxxxxx” is no number")]
    [InlineData("'Lovelace' is no number", "'Xxxxxxxx' is no number")]
    [InlineData("`Lovelace` and «Ada» and „Ann“", "`Xxxxxxxx` and «Xxx» and „Xxx“")]
    [InlineData("value:\"O'Neil\" isn't one", "value:\"X'Xxxx\" isn't one")]
    [InlineData("5\" is not \"Lovelace\"", "5\" xx xxx \"Xxxxxxxx\"")]
    [InlineData("Row 3\"Lovelace\"", "Row 3\"Xxxxxxxx\"")]
    [InlineData("5\" is too long", "5\" is too long")]
    [InlineData("\"Lovelace was cut", "\"Xxxxxxxx xxx xxx")]
    [InlineData("\"Ada\"Lovelace\" is no number", "\"Xxx\"Xxxxxxxx\" is no number")]
    [InlineData("The contact isn't a member", "The contact isn't a member")]
    public void Reason_keeps_its_words_and_not_what_it_quotes(string reason, string masked) => Assert.Equal(masked, PersonalFields.MaskedReason(reason));

    [Theory]
    [InlineData("ann@example.com", "a•••@e•••.com")]
    [InlineData("a@b.co", "a•••@b•••.co")]
    [InlineData("Jürgen.Müller+shop@bücher.example", "J•••@b•••.example")]
    [InlineData("用户@例子.中国", "用•••@例•••.中国")]
    [InlineData("😀@x.com", "😀•••@x•••.com")]
    [InlineData("ann@mail.example.co.uk", "a•••@m•••.uk")]
    [InlineData("ann@localhost", "a•••@l•••")]
    [InlineData("ann@[192.168.0.1]", "a•••@•••")]
    [InlineData("\"ann lee\"@example.com", "\"•••@e•••.com")]
    [InlineData("ann(work)@example.com", "a•••@e•••.com")]
    [InlineData("ann@@example.com", "a•••@@e•••.com")]
    [InlineData("ann＠example.com", "a•••＠e•••.com")]
    [InlineData("ann%40example.com", "a•••%40e•••.com")]
    [InlineData("ann@example.a-very-long-ending", "a•••@e•••")]
    [InlineData("ann@example.c0m", "a•••@e•••")]
    [InlineData("members of ann@example.com, 2026.csv", "members of a•••@e•••.com, 2026.csv")]
    [InlineData("list_ann@example.com.csv", "l•••@e•••.csv")]
    [InlineData("From <ann@example.com>.", "From <a•••@e•••.com>.")]
    [InlineData("ann@a.com;bob@b.org", "a•••@a•••.com;b•••@b•••.org")]
    [InlineData("Written by ann@example.com.", "Written by a•••@e•••.com.")]
    [InlineData("mailto:ann@example.com", "mailto:a•••@e•••.com")]
    [InlineData("members.csv", "members.csv")]
    [InlineData("10 % off", "10 % off")]
    [InlineData("a @ b", "a @ b")]
    [InlineData("", "")]
    public void Addresses_in_a_text_are_masked_and_the_rest_stays(string text, string shown) => Assert.Equal(shown, Mask.Text(text));

    [Fact]
    public void Nothing_of_an_address_survives_but_two_letters_and_the_ending() => Prop.ForAll(
        (from l in _local from d in _domain from before in Gen.Elements("", " ", "of ", "<", ",") from after in Gen.Elements("", " ", ">", ", x") select (Local: l, Domain: d, before, after)).ToArbitrary(),
        address =>
        {
            var (begin, end) = (Whole(address.Local)[..1], Whole(address.Domain)[..1]);
            var expected = $"{address.before}{begin[0]}•••@{end[0]}•••{address.Domain[address.Domain.LastIndexOf('.')..]}{address.after}";
            Assert.Equal(expected, Mask.Text($"{address.before}{address.Local}@{address.Domain}{address.after}"));
        }).Check(_config);

    // Of addresses that stand apart. Where one ends within another, masking again may hide more.
    [Fact]
    public void Masking_twice_changes_nothing_more() => Prop.ForAll(_apart.ToArbitrary(), text =>
        Mask.Text(Mask.Text(text)) == Mask.Text(text)).Check(_config);

    [Fact]
    public void No_text_with_an_address_is_taken_for_one_without() => Prop.ForAll(_anything.ToArbitrary(), text =>
        Mask.Text(text) == text || Mask.MayHoldAddress(Encoding.UTF8.GetBytes(text))).Check(_config);

    [Fact]
    public void Searched_text_is_the_same_whether_folded_or_masked_first() => Prop.ForAll((from l in _local from d in _domain select $"{l}@{d}").ToArbitrary(), address =>
        SearchedText.Of(address) == SearchedText.Of(SearchedText.Of(address)) && SearchedText.Of(address) == Mask.Text(TextFold.Fold(Mask.Text(address)))).Check(_config);

    [Theory]
    [InlineData("Ann", "Xxx")]
    [InlineData("ann@example.com", "a•••@e•••.com")]
    [InlineData(" ann@example.com ", " a•••@e•••.com ")]
    [InlineData("ann at example", "xxx xx xxxxxxx")]
    [InlineData("+49 (30) 1234-567", "+00 (00) 0000-000")]
    [InlineData("1980-05-03", "0000-00-00")]
    [InlineData("Олег", "Xxxx")]
    [InlineData("用户名", "xxx")]
    [InlineData("e\u0301te\u0301", "xxx")]
    [InlineData("٣٤٥", "000")]
    [InlineData("½ Ⅷ", "0 0")]
    [InlineData("a\tb\nc", "x x x")]
    [InlineData("😀!", "•!")]
    [InlineData("120", "000")]
    [InlineData("", "")]
    [InlineData("a name that is longer than a page has room for", "x xxxx xxxx xx xxxxxx xx…")]
    public void Cells_are_cut_to_their_shape(string cell, string shown) => Assert.Equal(shown, Mask.Cell(cell));

    [Theory]
    [InlineData("120", "120")]
    [InlineData("1234567", "1234567")]
    [InlineData("12345678", "00000000")]
    [InlineData(" 120", " 000")]
    [InlineData("-5", "-0")]
    [InlineData("1.5", "0.0")]
    [InlineData("١٢", "00")]
    [InlineData("12a", "00x")]
    public void Only_plain_numbers_of_points_stay(string cell, string shown) => Assert.Equal(shown, Mask.Cell(cell, isPoints: true));

    // Two values of one shape look the same, so no letter of either is told.
    [Fact]
    public void Shape_tells_nothing_of_the_letters() => Prop.ForAll(_anything.ToArbitrary(), value =>
    {
        var other = string.Concat(value.Select(letter => char.IsAsciiLetterUpper(letter) ? 'Q' : char.IsAsciiLetterLower(letter) ? 'q' : char.IsAsciiDigit(letter) ? '7' : letter));
        var shape = Mask.Shape(value);
        return shape == Mask.Shape(other) && shape.Length <= Mask.MostOfShape + 1
            && !shape.EnumerateRunes().Any(letter => Rune.IsLetterOrDigit(letter) && letter.Value is not ('x' or 'X' or '0'))
            && shape.All(letter => letter < 0x80 || letter is '•' or '…');
    }).Check(_config);

    [Theory]
    [InlineData("ann@example.com", true)]
    [InlineData(" ann@example.com ", true)]
    [InlineData("ann@localhost", true)]
    [InlineData("Ann Lee <ann@example.com>", true)]
    [InlineData("a•••@e•••.com", true)]
    [InlineData("E-mail (as in ann@example.com)", false)]
    [InlineData("e-mail", false)]
    [InlineData("@handle", false)]
    [InlineData("points @", false)]
    public void Heading_that_is_an_address_is_told_from_one_that_speaks_of_it(string heading, bool isAddress) => Assert.Equal(isAddress, Mask.IsAddress(heading));

    private static string[] Whole(string text) => [.. text.EnumerateRunes().Select(rune => rune.ToString())];
}
