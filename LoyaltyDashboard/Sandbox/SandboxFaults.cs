namespace LoyaltyDashboard.Sandbox;

/// <summary>A way in which the stand-in fails when it is told to. People write it in kebab case.</summary>
public enum SandboxFault
{
    /// <summary>401: the token is refused.</summary>
    Unauthorized,

    /// <summary>403: the app may not.</summary>
    Forbidden,

    /// <summary>429 with <c>Retry-After</c>.</summary>
    TooManyRequests,

    /// <summary>500.</summary>
    ServerError,

    /// <summary>The right answer, after <see cref="SandboxFaults.Slowness"/>.</summary>
    Slow,

    /// <summary>The connection breaks in the middle of the answer.</summary>
    Cut,

    /// <summary>Imports look as they did one revision before.</summary>
    Stale,

    /// <summary>Revisions run backwards: one import has a lower revision than its state had before, and a list ends with an older sighting of its first import.</summary>
    RevisionBack,

    /// <summary>200 with an HTML page.</summary>
    Html,

    /// <summary>200 with the first half of the JSON.</summary>
    HalfJson,

    /// <summary>Imports carry the id of another import.</summary>
    OtherImport,

    /// <summary>Imports have a status that is none of the documented ones.</summary>
    UnknownStatus,

    /// <summary>404.</summary>
    NotFound,
}

/// <summary>What is asked of the stand-in.</summary>
public enum SandboxRequest
{
    /// <summary>A token.</summary>
    Token,

    /// <summary>Get Loyalty Import.</summary>
    Get,

    /// <summary>Query Loyalty Imports.</summary>
    Query,

    /// <summary>Get Error File Download URL.</summary>
    ErrorFileUrl,

    /// <summary>Get App Instance.</summary>
    Instance,

    /// <summary>The error file itself.</summary>
    File,
}

/// <summary>A fault that is switched on.</summary>
/// <param name="Fault">Which.</param>
/// <param name="InstanceId">For this site only; null for all.</param>
/// <param name="On">For this kind of request only; null for all that carry a token.</param>
/// <param name="Times">For so many requests more; null until it is switched off.</param>
public sealed record SandboxFaultSwitch(SandboxFault Fault, string? InstanceId, SandboxRequest? On, int? Times);

/// <summary>The faults that are switched on. The one that was switched on first is met first.</summary>
public sealed class SandboxFaults
{
    /// <summary>Requests that one switch lasts for at most.</summary>
    public const int MostTimes = 1_000_000;

    /// <summary>Switches at once at most.</summary>
    public const int MostSwitches = 1_000;

    private static readonly string[] _words = [.. Enum.GetNames<SandboxFault>().Select(Kebab)];

    private readonly List<SandboxFaultSwitch> _switches = [];
    private readonly Lock _gate = new();

    /// <summary>All faults, as people write them.</summary>
    public static IReadOnlyList<string> Words => _words;

    /// <summary>How long a slow answer takes.</summary>
    public TimeSpan Slowness { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What a 429 of this kind tells to wait.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>What is switched on.</summary>
    public IReadOnlyList<SandboxFaultSwitch> Switches
    {
        get
        {
            lock (_gate)
            {
                return [.. _switches];
            }
        }
    }

    /// <summary>A fault as people write it.</summary>
    public static string Word(SandboxFault fault) => _words[(int)fault];

    /// <summary>The kind of request as people write it.</summary>
    public static string Word(SandboxRequest request) => Kebab(request.ToString());

    /// <summary>Reads a fault as people write it; null if there is no such.</summary>
    public static SandboxFault? Parse(string? word) => Array.IndexOf(_words, word) is >= 0 and var index ? (SandboxFault)index : null;

    /// <summary>Switches a fault on; the same one for the same requests anew.</summary>
    /// <param name="fault">Which.</param>
    /// <param name="instanceId">For this site only; all unless given.</param>
    /// <param name="times">For so many requests; until switched off unless given.</param>
    /// <param name="on">For this kind of request only; unless given, for all that carry a token.</param>
    /// <exception cref="ArgumentException">The number of requests is below 1 or too high, the fault cannot befall the kind of request, or too much is switched on.</exception>
    public void Switch(SandboxFault fault, string? instanceId = null, int? times = null, SandboxRequest? on = null)
    {
        if (times is < 1 or > MostTimes)
        {
            throw new ArgumentException($"A fault lasts for 1 to {MostTimes} requests, or until it is switched off.", nameof(times));
        }

        if (on is { } request && !Befalls(fault, request))
        {
            throw new ArgumentException($"{Word(fault)} changes imports, and an answer to {Word(request)} holds none.", nameof(on));
        }

        lock (_gate)
        {
            _switches.RemoveAll(known => (known.Fault, known.InstanceId, known.On) == (fault, instanceId, on));
            if (_switches.Count >= MostSwitches)
            {
                throw new ArgumentException($"{MostSwitches} faults are switched on already.", nameof(fault));
            }

            _switches.Add(new(fault, instanceId, on, times));
        }
    }

    /// <summary>Switches all off.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _switches.Clear();
        }
    }

    /// <summary>The fault that a request meets, if any; it counts as one of its times.</summary>
    internal SandboxFault? Take(SandboxRequest request, string? instanceId)
    {
        lock (_gate)
        {
            var index = _switches.FindIndex(s => (s.InstanceId is null || s.InstanceId == instanceId) && (s.On is null ? request is not (SandboxRequest.Token or SandboxRequest.File) : s.On == request) && Befalls(s.Fault, request));
            if (index < 0)
            {
                return null;
            }

            var found = _switches[index];
            if (found.Times is 1)
            {
                _switches.RemoveAt(index);
            }
            else
            {
                _switches[index] = found with { Times = found.Times - 1 };
            }

            return found.Fault;
        }
    }

    private static bool Befalls(SandboxFault fault, SandboxRequest request) =>
        fault is not (SandboxFault.Stale or SandboxFault.RevisionBack or SandboxFault.OtherImport or SandboxFault.UnknownStatus) || request is SandboxRequest.Get or SandboxRequest.Query;

    private static string Kebab(string name) => string.Concat(name.Select((letter, index) => char.IsUpper(letter) && index > 0 ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
