using System.Net;
using System.Net.Sockets;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>A port for a program that is to come back to it. Systems give out ports from 32768 on to whoever asks for any; one below is still free after it was let go.</summary>
public static class LastingPort
{
    /// <summary>One that nobody listens on.</summary>
    public static int Find()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Another one, then.
            }
        }
    }
}
