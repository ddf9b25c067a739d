using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard;

/// <summary>What holds for every connection, whatever is said on it. The system keeps to it by itself, so no thread has to be free for that.</summary>
internal sealed class Connections
{
    // Of Linux: netinet/tcp.h.
    private const int Tcp = 6, TcpUserTimeout = 18;

    /// <summary>
    /// Connections that may wait to be accepted. The system drops what does not fit, and the sender's own tries again only after a second: most of what Wix waits. The usual
    /// 512 are full when a thousand senders come at once; the system has the last word (<c>net.core.somaxconn</c>).
    /// </summary>
    public int MayWait { get; set; } = 4_096;

    /// <summary>
    /// How long somebody may leave what was sent unread, once there is no room for more. SignalR hangs up on who says nothing for 30 s, and on whom it cannot send to; but a page
    /// that says that it lives and reads nothing is sent so little before its changes have to be acknowledged that the system takes all of it, and SignalR never waits.
    /// On systems other than Linux only SignalR's own limits hold.
    /// </summary>
    public TimeSpan LongestUnread { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Puts the limits on the socket that listens; all that it accepts have them from it.</summary>
    public void On(SocketTransportOptions sockets)
    {
        sockets.Backlog = MayWait;
        sockets.CreateBoundListenSocket = endpoint =>
        {
            var listening = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            if (OperatingSystem.IsLinux() && endpoint is IPEndPoint)
            {
                listening.SetRawSocketOption(Tcp, TcpUserTimeout, BitConverter.GetBytes((int)LongestUnread.TotalMilliseconds));
            }

            return listening;
        };
    }
}

/// <summary>What start needs for <see cref="Connections"/>.</summary>
internal static class ConnectionsSetup
{
    /// <summary>Has Kestrel's sockets keep to them.</summary>
    public static WebApplicationBuilder LimitConnections(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SocketTransportOptions>().Configure<IOptions<Connections>>((sockets, connections) => connections.Value.On(sockets));
        return builder;
    }
}
