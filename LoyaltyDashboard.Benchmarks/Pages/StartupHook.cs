using System.Globalization;
using System.Runtime.InteropServices;

/// <summary>
/// What .NET runs before a program if <c>DOTNET_STARTUP_HOOKS</c> says so. It lets a program that knows nothing of it tell what it holds: on SIGUSR1 it collects all garbage
/// and prints a line. Uses nothing but the runtime, for it is loaded into programs that have nothing else.
/// </summary>
internal static class StartupHook
{
    /// <summary>Begins the line.</summary>
    public const string Prefix = "held after a full collection: ";

    private const PosixSignal UserSignal = (PosixSignal)10;

    private static PosixSignalRegistration? _registration;

    public static void Initialize() => _registration = PosixSignalRegistration.Create(UserSignal, context =>
    {
        context.Cancel = true;
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        Console.WriteLine(Prefix + GC.GetTotalMemory(forceFullCollection: false).ToString(CultureInfo.InvariantCulture));
    });
}
