using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Tests.Imports;

public sealed class RevisionOrderTests
{
    private static readonly Gen<string?> _revision = Gen.OneOf(
        Gen.Constant<string?>(null),
        Gen.Elements<string?>("", "-", "0", "-0", "00", "7", "007", "-7", "9007199254740993", "v2", "1.0", " 1", "１"),
        Gen.Choose(-30, 30).Select(number => (string?)number.ToString()),
        Gen.Choose(1, 40).SelectMany(length => Gen.Choose(0, 9).ArrayOf(length)).Select(digits => (string?)string.Concat(digits)),
        ArbMap.Default.GeneratorFor<string>().Select(word => (string?)word));

    [Theory]
    [InlineData("9", "10")]
    [InlineData("99999999999999999999999999", "100000000000000000000000000")]
    [InlineData("9007199254740992", "9007199254740993")]
    [InlineData("-2", "1")]
    [InlineData("-10", "-9")]
    [InlineData("zzz", "0")]
    [InlineData("zzz", "-5")]
    [InlineData("a", "b")]
    [InlineData("", "0")]
    [InlineData(null, "")]
    [InlineData(null, "-1")]
    public void Earlier_revision_is_less(string? earlier, string? later)
    {
        Assert.True(RevisionOrder.Instance.Compare(earlier, later) < 0);
        Assert.True(RevisionOrder.Instance.Compare(later, earlier) > 0);
    }

    [Theory]
    [InlineData("1", "01")]
    [InlineData("0", "-0")]
    [InlineData(null, null)]
    [InlineData("word", "word")]
    public void Same_revision_written_otherwise_is_equal(string? one, string? other) => Assert.Equal(0, RevisionOrder.Instance.Compare(one, other));

    [Fact]
    public void Order_is_total()
    {
        var order = RevisionOrder.Instance;
        Prop.ForAll(_revision.Three().ToArbitrary(), revisions =>
        {
            var (a, b, c) = revisions;
            var isAntisymmetric = Math.Sign(order.Compare(a, b)) == -Math.Sign(order.Compare(b, a));
            var isTransitive = order.Compare(a, b) > 0 || order.Compare(b, c) > 0 || order.Compare(a, c) <= 0;
            return order.Compare(a, a) == 0 && isAntisymmetric && isTransitive;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Fact]
    public void Numbers_of_any_length_compare_as_numbers()
    {
        var number = Gen.Choose(1, 40).SelectMany(length => Gen.Choose(0, 9).ArrayOf(length)).SelectMany(digits => Gen.Elements("", "-").Select(sign => sign + string.Concat(digits)));
        Prop.ForAll(number.Two().ToArbitrary(), pair =>
            Math.Sign(RevisionOrder.Instance.Compare(pair.Item1, pair.Item2)) == BigInteger.Parse(pair.Item1).CompareTo(BigInteger.Parse(pair.Item2))).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }
}
