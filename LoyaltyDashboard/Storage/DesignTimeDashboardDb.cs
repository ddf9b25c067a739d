using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace LoyaltyDashboard.Storage;

/// <summary>Lets <c>dotnet ef</c> build the model without starting the program.</summary>
public sealed class DesignTimeDashboardDb : IDesignTimeDbContextFactory<DashboardDb>
{
    /// <inheritdoc/>
    public DashboardDb CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<DashboardDb>().UseSqlite("Data Source=:memory:").Options);
}
