namespace LoyaltyDashboard.Benchmarks;

/// <summary>Where this checkout is, and where measuring may leave files.</summary>
internal static class Repository
{
    /// <summary>The folder with the solution.</summary>
    /// <exception cref="InvalidOperationException">This program does not run from a checkout.</exception>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>A folder for what is made once and used again: published programs, seeded databases, installed peers. Safe to delete.</summary>
    public static string Cache { get; } = Directory.CreateDirectory(Path.Combine(Root, "artifacts", "benchmarks")).FullName;

    private static string Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LoyaltyDashboard.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The benchmarks run from a checkout of the repository: dotnet run -c Release --project LoyaltyDashboard.Benchmarks");
    }
}
