using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class TolerantJsonTests
{
    private readonly TolerantJson _json = new();

    [Theory]
    [InlineData("20915", 20915L)]
    [InlineData("\"20915\"", 20915L)]
    [InlineData("\" 20915 \"", 20915L)]
    [InlineData("20915.0", 20915L)]
    [InlineData("2.0915e4", 20915L)]
    [InlineData("\"2.0915E4\"", 20915L)]
    [InlineData("0", 0L)]
    [InlineData("-3", -3L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("\"-9223372036854775808\"", long.MinValue)]
    public void Whole_number_is_read_however_it_is_written(string written, long expected)
    {
        Assert.Equal(expected, _json.Integer(Object(written), "field", "field"));
        Assert.Empty(_json.Unreadable);
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("9223372036854775808")]
    [InlineData("1e400")]
    [InlineData("\"\"")]
    [InlineData("\"many\"")]
    [InlineData("\"1,000\"")]
    [InlineData("\"0x10\"")]
    [InlineData("true")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void Other_value_is_no_whole_number_and_is_named(string written)
    {
        Assert.Null(_json.Integer(Object(written), "field", "a.field"));
        Assert.Equal(["a.field"], _json.Unreadable);
    }

    [Theory]
    [InlineData("\"text\"", "text")]
    [InlineData("\"\"", "")]
    [InlineData("1", "1")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("1.50", "1.50")]
    [InlineData("true", "true")]
    [InlineData("\"\\ud800\"", "\uFFFD")]
    [InlineData("\"a\\udc00b\\n\\u0041\\\\\\/\\\"\"", "a\uFFFDb\nA\\/\"")]
    [InlineData("\"\\ud83d\\ude00\"", "😀")]
    [InlineData("\"\\ude00\\ud83d\"", "\uFFFD\uFFFD")]
    public void Text_is_taken_as_written_and_is_always_well_formed(string written, string expected) => Assert.Equal(expected, _json.String(Object(written), "field", "field"));

    [Theory]
    [InlineData("{}")]
    [InlineData("[\"text\"]")]
    public void Object_or_list_is_no_text_and_is_named(string written)
    {
        Assert.Null(_json.String(Object(written), "field", "field"));
        Assert.Equal(["field"], _json.Unreadable);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("\"true\"", true)]
    [InlineData("\"False\"", false)]
    public void Boolean_or_its_word_is_read(string written, bool expected) => Assert.Equal(expected, _json.Boolean(Object(written), "field", "field"));

    [Theory]
    [InlineData("1")]
    [InlineData("\"yes\"")]
    [InlineData("{}")]
    public void Other_value_is_no_boolean_and_is_named(string written)
    {
        Assert.Null(_json.Boolean(Object(written), "field", "field"));
        Assert.Equal(["field"], _json.Unreadable);
    }

    [Theory]
    [InlineData("\"2026-11-24T08:30:00Z\"", "2026-11-24T08:30:00.0000000")]
    [InlineData("\"2026-11-24T08:30:00.1Z\"", "2026-11-24T08:30:00.1000000")]
    [InlineData("\"2026-11-24T08:30:00.304800Z\"", "2026-11-24T08:30:00.3048000")]
    [InlineData("\"2026-11-24T08:30:31.862945419Z\"", "2026-11-24T08:30:31.8629454")]
    [InlineData("\"2026-11-24T08:30:00.123456789012345Z\"", "2026-11-24T08:30:00.1234567")]
    [InlineData("\"2026-11-24T08:30:00+02:00\"", "2026-11-24T06:30:00.0000000")]
    [InlineData("\"2026-11-24T08:30:00.862945419-05:00\"", "2026-11-24T13:30:00.8629454")]
    [InlineData("\"2026-11-24T08:30:00\"", "2026-11-24T08:30:00.0000000")]
    [InlineData("\"2026-11-24T08:30Z\"", "2026-11-24T08:30:00.0000000")]
    [InlineData("\"2026-11-24\"", "2026-11-24T00:00:00.0000000")]
    [InlineData("\" 2026-11-24 \"", "2026-11-24T00:00:00.0000000")]
    [InlineData("0", "1970-01-01T00:00:00.0000000")]
    [InlineData("1795509000000", "2026-11-24T08:30:00.0000000")]
    [InlineData("-62135596800000", "0001-01-01T00:00:00.0000000")]
    [InlineData("253402300799999", "9999-12-31T23:59:59.9990000")]
    public void Time_is_read_in_UTC_with_every_digit_that_can_be_held(string written, string expected)
    {
        var time = _json.Time(Object(written), "field", "field");

        Assert.Equal(expected, time!.Value.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture));
        Assert.Equal(TimeSpan.Zero, time.Value.Offset);
    }

    [Theory]
    [InlineData("\"yesterday\"")]
    [InlineData("\"2026-13-01T00:00:00Z\"")]
    [InlineData("\"2016-12-31T23:59:60Z\"")]
    [InlineData("\"24.11.2026\"")]
    [InlineData("\"0001-01-01T00:00:00+14:00\"")]
    [InlineData("\"9999-12-31T23:59:59.999-14:00\"")]
    [InlineData("253402300800000")]
    [InlineData("-62135596800001")]
    [InlineData("9223372036854775807")]
    [InlineData("-9223372036854775808")]
    [InlineData("1e300")]
    [InlineData("true")]
    [InlineData("{}")]
    public void Other_value_is_no_time_and_is_named(string written)
    {
        Assert.Null(_json.Time(Object(written), "field", "field"));
        Assert.Equal(["field"], _json.Unreadable);
    }

    [Fact]
    public void Absent_null_and_an_empty_time_are_absent_and_not_named()
    {
        foreach (var parent in (JsonElement?[])[null, Object("null"), TolerantJson.Parse("{}"), TolerantJson.Parse("[]"), TolerantJson.Parse("5")])
        {
            Assert.Null(_json.Integer(parent, "field", "field"));
            Assert.Null(_json.String(parent, "field", "field"));
            Assert.Null(_json.Boolean(parent, "field", "field"));
            Assert.Null(_json.Time(parent, "field", "field"));
            Assert.Null(_json.Object(parent, "field", "field"));
            Assert.Null(_json.Array(parent, "field", "field"));
        }

        Assert.Null(_json.Time(Object("\"\""), "field", "field"));
        Assert.Empty(_json.Unreadable);
    }

    [Fact]
    public void Of_duplicate_keys_the_last_wins() => Assert.Equal(2, _json.Integer(TolerantJson.Parse("""{"field":1,"field":2}"""), "field", "field"));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("hello")]
    [InlineData("{'a':1}")]
    public void Text_that_is_no_JSON_parses_to_nothing(string text) => Assert.Null(TolerantJson.Parse(text));

    [Fact]
    public void Byte_order_mark_white_space_and_depth_are_tolerated()
    {
        Assert.NotNull(TolerantJson.Parse("\uFEFF {} \r\n"));
        Assert.NotNull(TolerantJson.Parse(new string('[', 1_000) + new string(']', 1_000)));
        Assert.Null(TolerantJson.Parse(new string('[', 100_000)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Object_written_as_a_string_is_opened_up_to_three_times(int times)
    {
        var text = """{"a":1}""";
        for (var i = 0; i < times; i++)
        {
            text = JsonSerializer.Serialize(text);
        }

        Assert.Equal(JsonValueKind.Object, TolerantJson.Unwrap(TolerantJson.Parse(text))!.Value.ValueKind);
    }

    [Fact]
    public void Any_value_is_read_as_any_type_without_an_exception()
    {
        var value = Gen.OneOf(
            ArbMap.Default.GeneratorFor<string>().Select(text => JsonSerializer.Serialize(text)),
            ArbMap.Default.GeneratorFor<long>().Select(number => number.ToString()),
            ArbMap.Default.GeneratorFor<NormalFloat>().Select(number => number.Get.ToString("R", CultureInfo.InvariantCulture)),
            Gen.Choose(0, 0xFFFF).Select(unit => $"\"\\u{unit:x4}\""),
            Gen.Elements("null", "{}", "[]", "1e999", "-0", "1E-999", "\"-\"", "\"+1\"", "\".\"", "\"0000-00-00\""));
        Prop.ForAll(value.ToArbitrary(), written =>
        {
            var parent = Object(written);
            _json.Integer(parent, "field", "field");
            _json.Boolean(parent, "field", "field");
            _json.Time(parent, "field", "field");
            var text = _json.String(parent, "field", "field");
            return text is null || text.IsWellFormed();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    private static JsonElement? Object(string value) => TolerantJson.Parse($$"""{"field":{{value}}}""");
}

file static class TextExtensions
{
    public static bool IsWellFormed(this string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)) == text;
}
