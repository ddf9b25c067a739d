using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class StandardWebhooksTests
{
    private static readonly WatchedTime _time = new();
    private static readonly DateTimeOffset _now = _time.GetUtcNow();
    private static readonly SdkForward _good = SdkForward.OfJson("""{"entity":{"_id":"i"},"metadata":{}}""", _now);
    private static readonly string _other = SdkForward.NewSecret();

    [Fact]
    public void Published_example_of_the_scheme_is_authentic()
    {
        // Of the specification's own libraries: the secret, the message and the signature they all test with.
        var example = new SdkForward { Id = "msg_p5jXN8AQM9LWM0D4loKWxJek", Timestamp = "1614265330", Body = Encoding.UTF8.GetBytes("""{"test": 2432232314}"""), Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" };
        var then = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1614265330));

        Assert.Null(new StandardWebhooks(With(("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", null)), then).Verify(Headers(example), example.Body).Fault);
    }

    [Theory]
    [InlineData("webhook-id")]
    [InlineData("webhook-timestamp")]
    [InlineData("webhook-signature")]
    public void Missing_doubled_huge_and_foreign_headers_are_named(string name)
    {
        foreach (var (value, fault) in (ReadOnlySpan<(string[], string)>)
                 [([], "is missing"), ([""], "is missing"), (["1", "2"], "more than once"), ([new string('1', 5_000)], "longer than"), (["é"], "outside of ASCII")])
        {
            var headers = Headers(_good);
            headers[name] = value;

            var found = Verifier().Verify(headers, _good.Body).Fault!;

            Assert.StartsWith($"The header {name} ", found);
            Assert.Contains(fault, found);
        }
    }

    [Theory]
    [InlineData(StandardWebhooks.LongestId, null)]
    [InlineData(StandardWebhooks.LongestId + 1, "longer than 256 letters")]
    public void Id_has_a_longest_length(int length, string? fault) => AssertFault(fault, _good with { Id = new string('i', length) });

    [Theory]
    [InlineData(-300, 0, null)]
    [InlineData(-300, 1, "more than 5 minutes old")]
    [InlineData(300, 0, null)]
    [InlineData(300, -1, "more than 5 minutes ahead")]
    public void Timestamp_may_be_five_minutes_from_our_clock_and_not_a_tick_more(int sentAfterNow, int ticksLater, string? fault)
    {
        var forward = _good with { Timestamp = SdkForward.Seconds(_now.AddSeconds(sentAfterNow)) };
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(_now.AddTicks(ticksLater));

        var found = new StandardWebhooks(With((SdkForward.Secret, null)), clock).Verify(Headers(forward), forward.Body).Fault;

        Assert.True(fault is null ? found is null : found?.Contains(fault, StringComparison.Ordinal), found);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData(" 1")]
    [InlineData("253402300800")]
    [InlineData("99999999999999999999999")]
    public void Timestamp_that_counts_no_seconds_is_refused(string timestamp) => AssertFault("no count of seconds", _good with { Timestamp = timestamp });

    [Fact]
    public void Milliseconds_are_no_seconds() => AssertFault("no count of seconds", _good with { Timestamp = _now.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture) });

    [Theory]
    [InlineData("v2,AAAA", "no signature of version v1")]
    [InlineData("v1", "no signature of version v1")]
    [InlineData("V1,AAAA", "no signature of version v1")]
    [InlineData("v1,", "no base64 of the 32 bytes")]
    [InlineData("v1,!!!", "no base64 of the 32 bytes")]
    [InlineData("v1,AAAA", "no base64 of the 32 bytes")]
    [InlineData("v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "No secret of this dashboard")]
    public void Signature_that_is_none_is_refused_by_name(string signature, string fault) => AssertFault(fault, _good with { Signature = signature });

    [Fact]
    public void Another_secret_is_refused_and_no_fault_tells_of_the_true_one()
    {
        var found = Verifier().Verify(Headers(_good, _other), _good.Body).Fault!;

        Assert.StartsWith("No secret of this dashboard made this signature", found);
        Assert.DoesNotContain(SdkForward.Secret["whsec_".Length..], found);
    }

    [Fact]
    public void One_true_signature_among_others_is_enough_wherever_it_stands()
    {
        string[] others = ["v1a,AAAA", "v1,bad!", _good.SignedWith(_other), "v2,AAAA"];
        for (var place = 0; place <= others.Length; place++)
        {
            AssertFault(null, _good with { Signature = string.Join(' ', others.ToList().Append(_good.SignedWith(SdkForward.Secret)).OrderBy(s => s == _good.SignedWith(SdkForward.Secret) ? place : Array.IndexOf(others, s) + 0.5)) });
        }
    }

    [Fact]
    public void Every_secret_is_taken_while_they_rotate()
    {
        var verifier = new StandardWebhooks(With((_other, null), (SdkForward.Secret, null)), _time);

        Assert.All((string[])[_other, SdkForward.Secret], secret => Assert.Null(verifier.Verify(Headers(_good, secret), _good.Body).Fault));
        Assert.NotNull(verifier.Verify(Headers(_good, SdkForward.NewSecret()), _good.Body).Fault);
    }

    [Theory]
    [InlineData("bound", "site-a", true)]
    [InlineData("bound", "SITE-A", false)]
    [InlineData("bound", "site-b", false)]
    [InlineData("bound", null, false)]
    [InlineData("free", "site-b", true)]
    [InlineData("free", null, true)]
    [InlineData("both", "site-b", true)]
    [InlineData("both", null, true)]
    public void Bound_secret_speaks_for_its_site_alone_unless_a_free_one_signed_too(string signers, string? instanceId, bool speaks)
    {
        var verifier = new StandardWebhooks(With((SdkForward.Secret, "site-a"), (_other, " ")), _time);
        var signatures = signers switch { "bound" => _good.SignedWith(SdkForward.Secret), "free" => _good.SignedWith(_other), _ => $"{_good.SignedWith(SdkForward.Secret)} {_good.SignedWith(_other)}" };

        var signature = verifier.Verify(Headers(_good with { Signature = signatures }), _good.Body);

        Assert.Null(signature.Fault);
        Assert.Equal(speaks, signature.SpeaksFor(instanceId));
    }

    [Theory]
    [InlineData(" F1A2B3C4-0001-4002-8003-000000000001 ")]
    [InlineData("{f1a2b3c4-0001-4002-8003-000000000001}")]
    [InlineData("f1a2b3c4000140028003000000000001")]
    public void Site_may_be_configured_in_any_writing_of_its_id(string configured)
    {
        var signature = new StandardWebhooks(With((SdkForward.Secret, configured)), _time).Verify(Headers(_good), _good.Body);

        Assert.True(signature.SpeaksFor(WixWebhook.Site));
        Assert.False(signature.SpeaksFor(WixWebhook.Site.ToUpperInvariant()));
    }

    [Fact]
    public void What_is_refused_speaks_for_nobody() => Assert.False(Verifier().Verify(Headers(_good, _other), _good.Body).SpeaksFor(null));

    [Fact]
    public void No_secret_is_told() => Assert.Equal((false, true), (new StandardWebhooks(With(), _time).HasSecrets, Verifier().HasSecrets));

    [Fact]
    public void Any_changed_byte_of_body_id_or_timestamp_is_refused()
    {
        var signature = _good.SignedWith(SdkForward.Secret);
        var change =
            from part in Gen.Elements("body", "id", "timestamp")
            from place in Gen.Choose(0, 10_000)
            from mask in Gen.Choose(1, 255)
            select (part, place, mask);
        Prop.ForAll(change.ToArbitrary(), c =>
        {
            var changed = c.part switch
            {
                "body" => _good with { Body = Flip(_good.Body, c.place, c.mask) },
                "id" => _good with { Id = Encoding.Latin1.GetString(Flip(Encoding.Latin1.GetBytes(_good.Id!), c.place, c.mask)) },
                _ => _good with { Timestamp = Encoding.Latin1.GetString(Flip(Encoding.Latin1.GetBytes(_good.Timestamp!), c.place, c.mask)) },
            };
            return Verifier().Verify(Headers(changed with { Signature = signature }), changed.Body).Fault is not null;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
        AssertFault(null, _good with { Signature = signature });
    }

    private static byte[] Flip(byte[] bytes, int place, int mask)
    {
        byte[] changed = [.. bytes];
        changed[place % changed.Length] ^= (byte)mask;
        return changed;
    }

    private static void AssertFault(string? fault, SdkForward forward)
    {
        var found = Verifier().Verify(Headers(forward), forward.Body).Fault;
        Assert.True(fault is null ? found is null : found?.Contains(fault, StringComparison.Ordinal), found ?? "it was accepted");
    }

    private static StandardWebhooks Verifier() => new(With((SdkForward.Secret, null)), _time);

    private static IOptions<WixOptions> With(params (string Secret, string? Site)[] secrets)
    {
        var options = new WixOptions();
        foreach (var (secret, site) in secrets)
        {
            options.SdkSecrets.Add(new SdkSecret { Secret = secret, InstanceId = site });
        }

        return Options.Create(options);
    }

    private static HeaderDictionary Headers(SdkForward forward, string secret = SdkForward.Secret) => new()
    {
        ["webhook-id"] = forward.Id,
        ["webhook-timestamp"] = forward.Timestamp,
        ["webhook-signature"] = forward.Signature ?? forward.SignedWith(secret),
    };
}
