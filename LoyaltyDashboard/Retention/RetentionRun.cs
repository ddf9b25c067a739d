using System.Globalization;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Retention;

/// <summary>What a run removed, or would remove.</summary>
/// <param name="Imports">Imports that lost their samples, or who caused their event.</param>
/// <param name="SampleRows">Sample rows of these.</param>
/// <param name="Bodies">Raw bodies.</param>
/// <param name="Deliveries">Deliveries that went whole.</param>
/// <param name="WholeImports">Imports that went whole.</param>
public sealed record RetentionReport(long Imports, long SampleRows, long Bodies, long Deliveries, long WholeImports)
{
    /// <summary>Whether there was nothing to remove.</summary>
    public bool IsNothing => this is { Imports: 0, Bodies: 0, Deliveries: 0, WholeImports: 0 };

    /// <inheritdoc/>
    public override string ToString()
    {
        List<string> parts = [];
        Add(Imports, $"samples of {Amount.Imports(Imports)} ({Amount.Of(SampleRows, "row", "rows")})");
        Add(Bodies, Amount.Bodies(Bodies));
        Add(Deliveries, Amount.Of(Deliveries, "delivery", "deliveries"));
        Add(WholeImports, $"{Amount.Imports(WholeImports)} with all that belongs to {(WholeImports == 1 ? "it" : "them")}");
        return parts.Count == 0 ? "nothing" : string.Join(", ", parts);

        void Add(long number, string words)
        {
            if (number > 0)
            {
                parts.Add(words);
            }
        }
    }
}

/// <summary>
/// Removes what has been kept for its time. What was gone through is noted, so that a run costs what is new since the last one. A dry run goes the same way and writes nothing.
/// </summary>
internal sealed class RetentionRun(StoredData stored, PieceWriter writer, IOptions<RetentionOptions> options, TimeProvider time)
{
    private const string SamplesNote = "retention:samples";
    private const string BodiesNote = "retention:bodies";

    private readonly DateTimeOffset _now = time.GetUtcNow();
    private long _imports;
    private long _sampleRows;
    private long _bodies;
    private long _deliveries;
    private long _wholeImports;

    /// <summary>Goes through all.</summary>
    /// <param name="isDry">Whether it only counts.</param>
    /// <param name="cancellation">Stops it between two pieces.</param>
    public async Task<RetentionReport> RunAsync(bool isDry, CancellationToken cancellation)
    {
        var settings = options.Value;
        // What holds the most goes last, so that a run counts what a dry run counts.
        await SamplesAsync(_now - TimeSpan.FromDays(settings.PersonalDataDays), isDry, cancellation);
        await BodiesAsync(_now - TimeSpan.FromDays(settings.PersonalDataDays), isDry, cancellation);
        await DeliveriesAsync(_now - TimeSpan.FromDays(settings.DeliveryDays), isDry, cancellation);
        await ImportsAsync(settings.ImportDays, isDry, cancellation);
        return new(_imports, _sampleRows, _bodies, _deliveries, _wholeImports);
    }

    private async Task SamplesAsync(DateTimeOffset limit, bool isDry, CancellationToken cancellation)
    {
        var at = stored.Note(SamplesNote) is { } note && note.Split(' ') is [var arrived, var rowId] ? (long.Parse(arrived, CultureInfo.InvariantCulture), long.Parse(rowId, CultureInfo.InvariantCulture)) : (long.MinValue, 0L);
        while (stored.DocumentsBefore(limit, at) is { Count: > 0 } documents)
        {
            cancellation.ThrowIfCancellationRequested();
            at = (documents[^1].Arrived, documents[^1].RowId);
            var noted = (SamplesNote, (string?)string.Create(CultureInfo.InvariantCulture, $"{at.Item1} {at.Item2}"));
            while (documents.Count > 0)
            {
                var old = documents.Select(d => CleanDocument.Of(d.RowId, d.Json, d.EventJson, PersonalData.WithoutSamples, PersonalData.WithoutIdentity)).OfType<CleanDocument>().ToList();
                var missed = isDry ? [] : (await writer.WriteAsync(new Upkeep(_now, RemovalReason.Expired) { Documents = old, Note = noted }, cancellation)).Missed;
                var done = old.Where(d => !missed.Contains(d.RowId)).ToList();
                _imports += done.Count;
                _sampleRows += done.Sum(d => d.RowsRemoved);
                documents = stored.Documents(missed);
            }
        }
    }

    private async Task BodiesAsync(DateTimeOffset limit, bool isDry, CancellationToken cancellation)
    {
        var start = stored.Note(BodiesNote) is { } note ? long.Parse(note, CultureInfo.InvariantCulture) : 0;
        foreach (var (after, last) in PiecesBefore(limit, start, cancellation))
        {
            var bodies = stored.BodiesBetween(after, last);
            var noted = (BodiesNote, (string?)last.ToString(CultureInfo.InvariantCulture));
            _bodies += isDry ? bodies.Count : (await writer.WriteAsync(new Upkeep(_now, RemovalReason.Expired) { Bodies = bodies, Note = noted }, cancellation)).BodiesRemoved;
        }
    }

    private async Task DeliveriesAsync(DateTimeOffset limit, bool isDry, CancellationToken cancellation)
    {
        foreach (var (after, last) in PiecesBefore(limit, 0, cancellation))
        {
            var rows = stored.Numbers("SELECT RowId FROM deliveries WHERE RowId > ?1 AND RowId <= ?2", after, last);
            if (!isDry)
            {
                await writer.WriteAsync(new Upkeep(_now, RemovalReason.Expired) { Deliveries = rows }, cancellation);
            }

            _deliveries += rows.Count;
        }
    }

    private async Task ImportsAsync(int? days, bool isDry, CancellationToken cancellation)
    {
        if (days is null)
        {
            return;
        }

        var (limit, at) = (_now - TimeSpan.FromDays(days.Value), (Arrived: long.MinValue, RowId: 0L));
        // An import takes its deliveries and sightings with it.
        while (stored.ImportsBefore(limit, at) is { Count: > 0 } imports)
        {
            cancellation.ThrowIfCancellationRequested();
            at = imports[^1];
            if (!isDry)
            {
                await writer.WriteAsync(new Upkeep(_now, RemovalReason.Expired) { Imports = [.. imports.Select(i => i.RowId)], IsTold = true }, cancellation);
            }

            _wholeImports += imports.Count;
        }
    }

    // Ranges of rows that came before a time. Rows stand in the order in which they came, whatever the clock said: a row before one that came before the time did so, too.
    private IEnumerable<(long After, long Last)> PiecesBefore(DateTimeOffset limit, long start, CancellationToken cancellation)
    {
        var (from, looked) = (start, start);
        while (stored.DeliveriesAfter(looked) is { Count: > 0 } rows)
        {
            cancellation.ThrowIfCancellationRequested();
            var last = rows.FindLastIndex(row => row.ReceivedAt < limit) is >= 0 and var index ? rows[index].RowId : (long?)null;
            looked = rows[^1].RowId;
            for (var piece = 0; last is { } end && piece < rows.Count && from < end; piece += StoredData.Piece)
            {
                var to = Math.Min(end, rows[Math.Min(piece + StoredData.Piece, rows.Count) - 1].RowId);
                if (to > from)
                {
                    yield return (from, to);
                    from = to;
                }
            }

            // A clock that was ahead for a while does not hide what came before it was put right.
            if (last is null && rows.Exists(row => row.ReceivedAt >= limit && row.ReceivedAt <= _now))
            {
                yield break;
            }
        }
    }
}
