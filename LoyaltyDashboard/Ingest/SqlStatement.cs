using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Ingest;

/// <summary>One statement, prepared once, its parameters set by position.</summary>
internal sealed class SqlStatement : IDisposable
{
    private readonly SqliteCommand _command;

    /// <summary>Prepares a statement whose parameters are named <c>@0</c>, <c>@1</c> … in order.</summary>
    public SqlStatement(SqliteConnection connection, string sql, int parameters)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        for (var i = 0; i < parameters; i++)
        {
            _command.Parameters.Add(new SqliteParameter($"@{i}", null));
        }
    }

    /// <summary>Runs it; returns the first column of the first row, or null.</summary>
    public object? Scalar(SqliteTransaction transaction, params ReadOnlySpan<object?> values)
    {
        Bind(transaction, values);
        return _command.ExecuteScalar() is { } value and not DBNull ? value : null;
    }

    /// <summary>Runs it; returns how many rows it changed.</summary>
    public int Run(SqliteTransaction transaction, params ReadOnlySpan<object?> values)
    {
        Bind(transaction, values);
        return _command.ExecuteNonQuery();
    }

    /// <summary>Runs it; the caller disposes the reader.</summary>
    public SqliteDataReader Read(SqliteTransaction transaction, params ReadOnlySpan<object?> values)
    {
        Bind(transaction, values);
        return _command.ExecuteReader();
    }

    /// <inheritdoc/>
    public void Dispose() => _command.Dispose();

    private void Bind(SqliteTransaction transaction, ReadOnlySpan<object?> values)
    {
        _command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++)
        {
            _command.Parameters[i].Value = values[i] switch
            {
                null => DBNull.Value,
                DateTimeOffset time => Storage.UtcTicks.From(time),
                bool flag => flag ? 1L : 0L,
                Enum word => Convert.ToInt64(word, System.Globalization.CultureInfo.InvariantCulture),
                var other => other,
            };
        }
    }
}
