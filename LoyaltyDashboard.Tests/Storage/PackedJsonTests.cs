using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Storage;

public sealed class PackedJsonTests
{
    private static readonly byte[] _long = Encoding.UTF8.GetBytes($$"""{"values":["{{string.Join("\",\"", Enumerable.Range(0, 200).Select(i => $"name {i}"))}}"]}""");

    [Fact]
    public void Whatever_is_packed_comes_back() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        tail =>
        {
            byte[] json = [(byte)'{', .. tail];
            return PackedJson.Unpack(PackedJson.Pack(json)).AsSpan().SequenceEqual(json);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Long_JSON_takes_less_room() => Assert.InRange(PackedJson.Pack(_long).Length, 1, _long.Length / 2);

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"id":"1"}""")]
    public void Short_JSON_stays_as_it_is(string json) => Assert.Equal(json, Encoding.UTF8.GetString(PackedJson.Pack(Encoding.UTF8.GetBytes(json))));

    [Fact]
    public void JSON_of_earlier_versions_is_read_as_it_is() => Assert.Equal(_long, PackedJson.Unpack(_long));

    [Fact]
    public void What_is_cut_off_or_damaged_is_told()
    {
        var packed = PackedJson.Pack(_long);

        Assert.Throws<InvalidDataException>(() => PackedJson.Unpack(packed[..3]));
        Assert.Throws<InvalidDataException>(() => PackedJson.Unpack(packed[..(packed.Length / 2)]));
        Assert.Throws<InvalidDataException>(() => PackedJson.Unpack([1, 255, 255, 255, 255, .. packed[5..]]));
    }
}
