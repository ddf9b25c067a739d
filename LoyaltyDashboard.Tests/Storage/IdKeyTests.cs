using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Storage;

public sealed class IdKeyTests
{
    private static readonly Gen<string> _id = Gen.OneOf(
        ArbMap.Default.GeneratorFor<Guid>().SelectMany(guid => Gen.Elements("D", "N", "B", "P").Select(format => guid.ToString(format))),
        ArbMap.Default.GeneratorFor<Guid>().Select(guid => guid.ToString().ToUpperInvariant()),
        ArbMap.Default.GeneratorFor<string>().Select(text => WellFormed(text ?? string.Empty)),
        // Lengths around a GUID's sixteen bytes, with the bytes that could be taken for a mark.
        from length in Gen.Choose(12, 20)
        from first in Gen.Elements("", "\0", "\0\0", "\u0001", "ÿ", "\u007f")
        from letter in Gen.Elements('a', '\0', 'z')
        select first + new string(letter, length - first.Length));

    [Fact]
    public void Id_comes_back_from_its_key() =>
        Prop.ForAll(_id.ToArbitrary(), id => IdKey.Unpack(IdKey.Pack(id)) == id).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));

    [Fact]
    public void Two_ids_never_share_a_key() =>
        Prop.ForAll(_id.Two().ToArbitrary(), ids => ids.Item1 == ids.Item2 || !IdKey.Pack(ids.Item1).AsSpan().SequenceEqual(IdKey.Pack(ids.Item2))).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));

    [Fact]
    public void Guid_takes_sixteen_bytes_in_the_order_of_its_text() =>
        Assert.Equal("00112233445566778899AABBCCDDEEFF", Convert.ToHexString(IdKey.Pack("00112233-4455-6677-8899-aabbccddeeff")));

    [Theory]
    [InlineData("sixteen letters!", 17)]
    [InlineData("fifteen letters", 15)]
    [InlineData("\0ifteen letters", 17)]
    [InlineData("00112233-4455-6677-8899-AABBCCDDEEFF", 36)]
    public void Other_id_never_takes_sixteen_bytes(string id, int length)
    {
        Assert.Equal(length, IdKey.Pack(id).Length);
        Assert.Equal(id, IdKey.Unpack(IdKey.Pack(id)));
    }

    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
