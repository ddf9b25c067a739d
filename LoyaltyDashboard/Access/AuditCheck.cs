using System.Globalization;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Access;

/// <summary>What a walk over the audit log found.</summary>
/// <param name="Lines">Lines read.</param>
/// <param name="Fault">The first fault, in a sentence; null if there is none.</param>
/// <param name="Gaps">Gaps that the log itself tells of: each is where an older database was put in place, or an end was cut off.</param>
public sealed record AuditVerdict(long Lines, string? Fault, IReadOnlyList<string> Gaps);

/// <summary>Walks the audit log and tells whether a line was changed, removed, or cut off. It may run beside the program that writes it.</summary>
public static class AuditCheck
{
    /// <summary>Walks it.</summary>
    /// <param name="database">The database file.</param>
    /// <param name="keys">The directory beside it.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InvalidOperationException">There is no key to check with.</exception>
    /// <exception cref="SqliteException">The database cannot be read.</exception>
    public static Task<AuditVerdict> VerifyAsync(string database, KeyDirectory keys, CancellationToken cancellation) => Task.Run(() => Verify(database, keys, cancellation), cancellation);

    private static AuditVerdict Verify(string database, KeyDirectory keys, CancellationToken cancellation)
    {
        var chain = new AuditChain(keys);
        // Before the lines: what is added meanwhile is behind it, and not ahead.
        var head = chain.Head();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT RowId, At, Actor, Action, Subject, Detail, Hash FROM audit ORDER BY RowId";
        using var rows = command.ExecuteReader();
        var gaps = new List<string>();
        var (last, lines) = (new AuditHead(0, AuditChain.Beginning), 0L);
        while (rows.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            RefuseWithoutKey(keys);
            var line = new AuditRecord
            {
                RowId = rows.GetInt64(0),
                At = UtcTicks.To(rows.GetInt64(1)),
                Actor = rows.GetString(2),
                Action = rows.GetString(3),
                Subject = TextOrNull(rows, 4),
                Detail = TextOrNull(rows, 5),
                Hash = (byte[])rows.GetValue(6),
            };
            lines++;
            if (line.RowId != last.RowId + 1)
            {
                return Faulty(line.RowId == last.RowId + 2 ? $"line {last.RowId + 1} was removed" : $"lines {last.RowId + 1} to {line.RowId - 1} were removed");
            }

            if (!chain.Hash(last.Hash, line).AsSpan().SequenceEqual(line.Hash))
            {
                return Faulty($"line {line.RowId} of {Time(line.At)} was changed, or is not of this log{(line.RowId == 1 ? $"; or {keys.PrivacyKeyFile} is not the one that belongs to this database" : string.Empty)}");
            }

            if (head?.RowId == line.RowId && !head.Hash.AsSpan().SequenceEqual(line.Hash))
            {
                return Faulty($"line {line.RowId} is not the one that is noted beside the database: lines were replaced, or an older database was put in place and written to");
            }

            if (line.Action == AuditAction.Gap)
            {
                gaps.Add($"line {line.RowId} of {Time(line.At)} tells of a gap: {line.Detail}");
            }

            last = new(line.RowId, line.Hash);
        }

        return head is null && lines > 0 ? Faulty($"the note of the newest line is missing from {keys.Path}, so a tail that was cut off would not show")
            : head is null && File.Exists(keys.PrivacyKeyFile) ? Faulty($"there is no line, but {keys.PrivacyKeyFile} was made for one: the log was emptied, or another database was put in place")
            : head?.RowId > last.RowId ? Faulty($"the log ends at line {last.RowId}, but line {head.RowId} was written: its end was cut off, or an older database was put in place")
            : new(lines, null, gaps);

        AuditVerdict Faulty(string fault) => new(lines, fault, gaps);
    }

    // A check must not make a key.
    private static void RefuseWithoutKey(KeyDirectory keys)
    {
        if (!File.Exists(keys.PrivacyKeyFile))
        {
            throw new InvalidOperationException($"There is no {keys.PrivacyKeyFile}, so the audit log cannot be checked. Put back the directory that belongs to this database.");
        }
    }

    private static string? TextOrNull(SqliteDataReader rows, int column) => rows.IsDBNull(column) ? null : rows.GetString(column);

    private static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
