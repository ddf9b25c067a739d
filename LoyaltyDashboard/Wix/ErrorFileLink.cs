using System.Net;

namespace LoyaltyDashboard.Wix;

/// <summary>What a link to an error file, and whatever it redirects to, must be like before anything is asked of it.</summary>
internal static class ErrorFileLink
{
    // What storage services say of a CSV; one that says nothing is believed, too.
    private static readonly string[] _types = ["text/csv", "application/csv", "text/plain", "application/octet-stream", "application/vnd.ms-excel"];

    /// <summary>Refuses a link that must not be followed. Where its host leads is checked when it is connected to: <see cref="Check(IPAddress[], bool)"/>.</summary>
    /// <exception cref="ErrorFileException">The rule it breaks.</exception>
    public static void Check(Uri link, bool isTrusted)
    {
        if (!link.IsAbsoluteUri || link.Host.Length == 0 || !(link.Scheme == Uri.UriSchemeHttps || (isTrusted && link.Scheme == Uri.UriSchemeHttp)))
        {
            throw Refused("Wix's link to the error file is no https address, so it was not opened.");
        }

        if (link.UserInfo.Length > 0)
        {
            throw Refused("Wix's link to the error file holds a user name, so it was not opened.");
        }
    }

    /// <summary>Refuses a host when any of its addresses is not allowed: which of them is used is not for the host to choose.</summary>
    /// <exception cref="ErrorFileException">The host leads to where no error file is.</exception>
    public static void Check(IPAddress[] addresses, bool isTrusted)
    {
        if (!addresses.All(address => isTrusted ? IPAddress.IsLoopback(address) : PublicAddress.Is(address)))
        {
            throw Refused("Wix's link to the error file leads into a private network, so it was not opened.");
        }
    }

    /// <summary>Refuses an answer that is no file, no CSV, or larger than <paramref name="mostBytes"/>.</summary>
    /// <exception cref="ErrorFileException">What is wrong with it.</exception>
    public static void Check(HttpResponseMessage answer, long mostBytes)
    {
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            throw answer.StatusCode switch
            {
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone => Refused("Wix's link to the error file no longer opens it. Try again: Wix gives a new one each time."),
                >= HttpStatusCode.InternalServerError => new ErrorFileException(ErrorFileFault.Unreachable, $"The place where Wix keeps the error file answers with an error ({(int)answer.StatusCode}). Try again in a while."),
                _ => Refused($"The place where Wix keeps the error file answered {(int)answer.StatusCode}, not the file."),
            };
        }

        // Whatever type a storage invents is named by nobody but it: the sentence says only that it is not one of ours.
        if (answer.Content.Headers.TryGetValues("Content-Type", out var types) && !_types.Contains(answer.Content.Headers.ContentType?.MediaType ?? string.Join(',', types), StringComparer.OrdinalIgnoreCase))
        {
            throw Refused("What Wix's link to the error file leads to is not a CSV file.");
        }

        if (answer.Content.Headers.ContentLength > mostBytes)
        {
            throw TooLarge(mostBytes);
        }
    }

    /// <summary>The file is over the limit.</summary>
    public static ErrorFileException TooLarge(long mostBytes) => new(ErrorFileFault.TooLarge, $"The error file is larger than {mostBytes / (1024 * 1024)} MiB, which is more than is opened here. Download it from the Wix dashboard.");

    /// <summary>A rule was broken.</summary>
    public static ErrorFileException Refused(string message) => new(ErrorFileFault.Refused, message);
}
