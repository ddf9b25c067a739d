using System.Globalization;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class FormatTests
{
    [Theory]
    [InlineData(0L, "0 B")]
    [InlineData(999L, "999 B")]
    [InlineData(1_000L, "1 KB")]
    [InlineData(20_915L, "20.9 KB")]
    [InlineData(999_949L, "999.9 KB")]
    [InlineData(999_950L, "1 MB")]
    [InlineData(1_250_000L, "1.3 MB")]
    [InlineData(999_999_999L, "1 GB")]
    [InlineData(5_000_000_000L, "5 GB")]
    [InlineData(-1_500L, "-1,500 B")]
    public void Size_EachMagnitude_HasItsUnit(long bytes, string text) => Assert.Equal(text, Format.Size(bytes));

    [Theory]
    [InlineData(0.0004, "under 1 ms")]
    [InlineData(0.0034, "3 ms")]
    [InlineData(0.9996, "1 s")]
    [InlineData(1.25, "1.3 s")]
    [InlineData(59.96, "1 min 0 s")]
    [InlineData(61, "1 min 1 s")]
    [InlineData(3_599.7, "1 h 0 min")]
    [InlineData(7_380, "2 h 3 min")]
    [InlineData(90_000, "1 d 1 h")]
    [InlineData(-61, "1 min 1 s")]
    public void Span_EachMagnitude_HasItsUnit(double seconds, string text) => Assert.Equal(text, Format.Span(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0L, "0")]
    [InlineData(1_234_567L, "1,234,567")]
    [InlineData(-1_234L, "-1,234")]
    [InlineData(long.MaxValue, "9,223,372,036,854,775,807")]
    public void Count_Any_HasSeparators(long number, string text) => Assert.Equal(text, Format.Count(number));

    [Fact]
    public void Count_Capped_SaysThatThereAreMore() => Assert.Equal(("10,000+", "10,000"), (Format.Count(10_000, isExact: false), Format.Count(10_000, isExact: true)));

    [Fact]
    public void Numbers_ServerSpeaksAnotherLanguage_LookTheSame()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        try
        {
            Assert.Equal(("1,234", "20.9 KB", "1.3 s", "2026-11-24T12:00:00Z"), (Format.Count(1_234), Format.Size(20_915), Format.Span(TimeSpan.FromSeconds(1.25)), Format.At(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero))));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("plain Ünïcödé 名前 😀", "plain Ünïcödé 名前 😀")]
    [InlineData("עברית and العربية", "עברית and العربية")]
    [InlineData("a\tb\r\nc\0", "a\u2409b\u240D\u240Ac\u2400")]
    [InlineData("\u007F\u0085\u202Egpj.exe\u2069\u200F\uFEFF", "\uFFFD\uFFFD\uFFFDgpj.exe\uFFFD\uFFFD\uFFFD")]
    [InlineData("", "")]
    public void Visible_HiddenLetters_BecomeSigns(string text, string visible) => Assert.Equal(visible, Format.Visible(text));

    [Fact]
    public void VisibleLines_SeveralLines_StayLines() => Assert.Equal("a\u2409\nb", Format.VisibleLines("a\t\nb"));

    [Fact]
    public void Json_Compact_IsIndentedWithItsLettersAsTheyAre() => Assert.Equal("{\n  \"naïve\": \"<名前>\"\n}", Format.Json("""{"na\u00efve":"<名前>"}"""));

    [Fact]
    public void Json_InsideStrings_IsOpenedOnRequest()
    {
        const string Json = """{"data":"{\"inner\":\"[1]\"}"}""";

        Assert.Equal("{\n  \"data\": {\n    \"inner\": [\n      1\n    ]\n  }\n}", Format.Json(Json, openStrings: true));
        Assert.Contains("inner\\\"", Format.Json(Json), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("no json")]
    [InlineData("{\"a\":1}{\"b\":2}")]
    public void Json_Broken_IsShownAsItIs(string text) => Assert.Equal((text, text), (Format.Json(text), Format.Json(text, openStrings: true)));

    [Theory]
    [InlineData("null", "null")]
    [InlineData("""{"a":"{broken"}""", "{\n  \"a\": \"{broken\"\n}")]
    [InlineData("""["[", "{"]""", "[\n  \"[\",\n  \"{\"\n]")]
    public void Json_Odd_IsStillJson(string text, string shown) => Assert.Equal(shown, Format.Json(text, openStrings: true));

    [Theory]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":"{\"b\":1,\"b\":2}"}""")]
    public void Json_LegalButUnusual_IsShownSomehow(string text) => Assert.Contains("\"a\"", Format.Json(text, openStrings: true), StringComparison.Ordinal);

    [Theory]
    [InlineData(60)]
    [InlineData(1_000)]
    [InlineData(5_000)]
    public void Json_DeepNesting_IsShownWhole(int depth)
    {
        var json = new string('[', depth) + new string(']', depth);

        Assert.Equal(depth, Format.Json(json, openStrings: true).Count(letter => letter == '['));
    }

    [Fact]
    public void Json_DeepNestingInsideAString_IsShownWhole()
    {
        var inner = new string('[', 50) + new string(']', 50);
        var json = new string('[', 1_000) + $"\"{inner}\"" + new string(']', 1_000);

        Assert.Equal(1_050, Format.Json(json, openStrings: true).Count(letter => letter == '['));
    }

    [Theory]
    [InlineData("Rosa's Café", "Rosa's Café")]
    [InlineData("\u202Ebad", "\uFFFDbad")]
    [InlineData("", "Site f1a2…0001")]
    [InlineData(null, "Site f1a2…0001")]
    public void Site_NameOrNot_IsNeverAWholeId(string? name, string text) => Assert.Equal(text, Format.Site(new SiteView(Sample.Site.InstanceId, name, null)));

    [Fact]
    public void Site_ShortId_IsShownWhole() => Assert.Equal("Site ab", Format.Site(new SiteView("ab", null, null)));

    [Fact]
    public void At_AnyOffset_IsInUtc() => Assert.Equal("2026-11-24T10:00:00.5Z", Format.At(new DateTimeOffset(2026, 11, 24, 12, 0, 0, 500, TimeSpan.FromHours(2))));

    [Theory]
    [InlineData(null, "No column")]
    [InlineData(0L, "Column 1")]
    [InlineData(-1L, "Column number -1, which cannot be")]
    [InlineData(long.MaxValue, "Column number 9223372036854775807, which cannot be")]
    public void Column_Any_CountsFromOneWhereItCan(long? index, string text) => Assert.Equal(text, Format.Column(index));
}
