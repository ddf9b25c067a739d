using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>The audit log of a database without a program around it.</summary>
public static class TestAudit
{
    /// <summary>The log.</summary>
    public static AuditLog Of(SqliteConnectionStringBuilder connection)
    {
        var keys = new KeyDirectory(connection);
        return new(connection, new AuditChain(keys), new PersonalHash(keys), TimeProvider.System, NullLogger<AuditLog>.Instance);
    }
}
