using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Retention;

/// <summary>What forgetting a person came to.</summary>
/// <param name="Imports">Imports in which they were named.</param>
/// <param name="SampleRows">Rows of these that went.</param>
/// <param name="Bodies">Raw bodies that went.</param>
/// <param name="IsLogEmpty">Whether the write-ahead log could be cut; if not, it is when the program ends.</param>
/// <param name="HasUnusedParts">Whether unused parts of the file may hold copies: it is too large to be written anew before somebody says when.</param>
/// <param name="HasAccount">Whether somebody signs in here with that address.</param>
public sealed record ForgetResult(long Imports, long SampleRows, long Bodies, bool IsLogEmpty, bool HasUnusedParts, bool HasAccount = false)
{
    /// <summary>What happened, and what is out of reach, in sentences.</summary>
    public string Message =>
        $"Forgotten. Removed: {Words}. No door brings the address back.{(IsLogEmpty ? string.Empty : " The write-ahead log was in use all the while; it is emptied when the dashboard ends.")}{(HasUnusedParts ? " The file was not written anew, for it is large or there was no room: until it is, unused parts of its pages may hold copies of what was moved." : string.Empty)}{(HasAccount ? " An account here has this address: remove it under Users." : string.Empty)} Backups made before still hold it: they are out of the dashboard's reach, so delete or replace them.";

    /// <summary>What was removed.</summary>
    internal string Words => $"{Amount.Rows(SampleRows)} in {Amount.Imports(Imports)}, {Amount.Bodies(Bodies)}";
}

/// <summary>How far it has come.</summary>
/// <param name="Done">Rows gone through.</param>
/// <param name="Total">Rows in all.</param>
public sealed record ForgetProgress(long Done, long Total);

/// <summary>
/// Removes every trace of a person, known by an e-mail address, and keeps a keyed hash of it so that nothing brings it back. The list comes first, then the doors are waited for, then all that is
/// stored is gone through: so whatever comes meanwhile is either turned away or found.
/// </summary>
public sealed class ForgetPerson(StoredData stored, PieceWriter writer, RemovalGate gate, Forgotten forgotten, PersonalHash hashes, AccessDirectory directory, AuditLog audit, TimeProvider time, ILogger<ForgetPerson> logger)
{
    private const string PendingNote = "forgetting";
    private const string UnusedPartsNote = "unused parts";
    private const int LongestAddress = 320;

    /// <summary>Whether a text can be an address to forget.</summary>
    public static bool IsAddress(string? address) =>
        address?.Trim() is { Length: > 2 and <= LongestAddress } text && text.Count(AddressFinder.IsAt) == 1 && !AddressFinder.IsAt(text[0]) && !AddressFinder.IsAt(text[^1]) && AddressFinder.Holds(text, isCell: true, whole => whole == text);

    /// <summary>Forgets a person.</summary>
    /// <param name="reader">Who asks.</param>
    /// <param name="address">Their e-mail address, in any writing.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellation">Stops it between two pieces; the rest is done after the next start, or the next night.</param>
    /// <exception cref="AccessDeniedException">They are no administrator of all sites.</exception>
    /// <exception cref="ArgumentException">It is no address.</exception>
    /// <exception cref="InvalidOperationException">The database was busy or full all the while.</exception>
    public async Task<ForgetResult> RunAsync(Reader reader, string address, IProgress<ForgetProgress>? progress, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        if (!IsAddress(address))
        {
            throw new ArgumentException("This is no e-mail address; a good one is ada@example.com.", nameof(address));
        }

        var person = hashes.Of(address);
        await audit.AppendAsync(new(reader.Actor, AuditAction.Forget, person, "begun"), cancellation);
        using var place = await gate.EnterAsync(cancellation);
        forgotten.Add(address.Trim(), time.GetUtcNow());
        var result = await PurgeAsync(progress, cancellation);
        await audit.AppendAsync(new(reader.Actor, AuditAction.Forget, person, $"removed {result.Words}"), CancellationToken.None);
        return result with { HasAccount = directory.HasAccount(account => PersonalHash.Folded(account) == PersonalHash.Folded(address)) };
    }

    /// <summary>Whether unused parts of the file may hold copies of what was removed, until it is written anew.</summary>
    /// <exception cref="AccessDeniedException">They are no administrator of all sites.</exception>
    public bool HasUnusedParts(Reader reader)
    {
        reader.DemandOfAllSites(Role.Administrator);
        return stored.Note(UnusedPartsNote) is not null || stored.Note(DatabaseSetup.OldPagesNote) is not null;
    }

    /// <summary>
    /// Writes the file anew, however large it is: nothing remains of what was ever removed from it, nor of the write-ahead log. Nothing else is written meanwhile; the doors answer 503 then,
    /// and senders come again.
    /// </summary>
    /// <returns>False, if somebody read from the write-ahead log all the while: it is cut when the program ends.</returns>
    /// <exception cref="AccessDeniedException">They are no administrator of all sites.</exception>
    /// <exception cref="InvalidOperationException">There is no room for a second copy on the disk, or the database was busy all the while.</exception>
    public async Task<bool> WriteAnewAsync(Reader reader, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        await audit.AppendAsync(new(reader.Actor, AuditAction.Forget, "database", "asked to write the file anew"), cancellation);
        using var place = await gate.EnterAsync(cancellation);
        if (!await writer.TryOnceAsync(new OverwriteUnused(IsNameRemoved: false, IsWholeAsked: true), cancellation))
        {
            throw new InvalidOperationException("The database could not be written anew; nothing is lost, and the log says why. It takes as much room as the file has, once beside the database and once in the directory for temporary files.");
        }

        await ForgetUnusedPartsAsync(cancellation);
        return await writer.EmptyLogAsync(cancellation);
    }

    /// <summary>Does the rest of what a stop, or a database that was busy, left undone.</summary>
    internal async Task FinishAsync(CancellationToken cancellation)
    {
        using var place = await gate.EnterAsync(cancellation);
        if (stored.Note(PendingNote) is not null)
        {
            var result = await Task.Run(() => PurgeAsync(null, cancellation), cancellation);
            logger.LogInformation("A person was forgotten to the end after a stop: {Removed}", result.Words);
            await audit.AppendAsync(new(AuditEntry.Program, AuditAction.Forget, null, $"finished after a stop: removed {result.Words}"), cancellation);
        }
    }

    // Everybody on the list at once: the address itself is nowhere, and after a stop nobody knows which one was not done with.
    private async Task<ForgetResult> PurgeAsync(IProgress<ForgetProgress>? progress, CancellationToken cancellation)
    {
        await writer.WriteAsync(Piece() with { Note = (PendingNote, "pending") }, cancellation);
        await writer.CatchUpAsync(cancellation);
        var (lastImport, lastBody) = (stored.LastRow("imports"), stored.LastRow("deliveries"));
        var (imports, sampleRows, isNameRemoved) = await Task.Run(() => DocumentsAsync(lastImport, done => progress?.Report(new(done, lastImport + lastBody)), cancellation), cancellation);
        var bodies = await Task.Run(() => BodiesAsync(lastBody, done => progress?.Report(new(lastImport + done, lastImport + lastBody)), cancellation), cancellation);
        await Task.Run(() => TextsAsync(cancellation), cancellation);
        // Its texts hold no address but a masked one; what they were searched by goes all the same.
        while ((await writer.WriteAsync(new SearchStep(), cancellation)).IsMore)
        {
        }

        // Where there is no room for it, all else is done all the same, and what is left is said.
        var overwrite = new OverwriteUnused(isNameRemoved);
        var isRewritten = await writer.TryOnceAsync(overwrite, cancellation) && overwrite.IsWhole;
        await (isRewritten ? ForgetUnusedPartsAsync(cancellation) : writer.WriteAsync(Piece() with { Note = (UnusedPartsNote, "not overwritten") }, cancellation));
        await writer.WriteAsync(Piece() with { Note = (PendingNote, null) }, cancellation);
        return new(imports, sampleRows, bodies, await writer.EmptyLogAsync(cancellation), !isRewritten);
    }

    private async Task<(long Imports, long SampleRows, bool IsNameRemoved)> DocumentsAsync(long last, Action<long> report, CancellationToken cancellation)
    {
        var (at, imports, sampleRows, isNameRemoved) = (0L, 0L, 0L, false);
        while (at < last && stored.DocumentsAfter(at) is { Count: > 0 } documents)
        {
            cancellation.ThrowIfCancellationRequested();
            at = documents[^1].RowId;
            while (documents.Count > 0)
            {
                var named = documents.Select(Clean).OfType<CleanDocument>().ToList();
                var missed = named.Count == 0 ? [] : (await writer.WriteAsync(Piece() with { Documents = named, IsTold = true }, cancellation)).Missed;
                var done = named.Where(d => !missed.Contains(d.RowId)).ToList();
                imports += done.Count;
                sampleRows += done.Sum(d => d.RowsRemoved);
                isNameRemoved |= done.Exists(d => d.IsNameRemoved);
                documents = stored.Documents(missed);
            }

            report(at);
        }

        return (imports, sampleRows, isNameRemoved);
    }

    private async Task<long> BodiesAsync(long last, Action<long> report, CancellationToken cancellation)
    {
        var (at, removed) = (0L, 0L);
        while (at < last && stored.BodiesAfter(at) is { Count: > 0 } bodies)
        {
            cancellation.ThrowIfCancellationRequested();
            at = bodies[^1].RowId;
            var theirs = bodies.Where(body => JsonTexts.Any(body.Body, text => AddressFinder.Holds(text, isCell: false, forgotten.Holds))).Select(body => body.RowId).ToList();
            removed += theirs.Count == 0 ? 0 : (await writer.WriteAsync(Piece() with { Bodies = theirs }, cancellation)).BodiesRemoved;
            report(at);
        }

        return removed;
    }

    // After the documents, which bring columns of their own with them. Rows are gone through in ranges, as for deleting.
    private async Task TextsAsync(CancellationToken cancellation)
    {
        foreach (var (table, columns) in PersonalTexts.Tables)
        {
            var last = stored.LastRow(table);
            for (var at = 0L; at < last; at += StoredData.Look)
            {
                foreach (var column in columns)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var named = stored.TextsBetween(table, column, at, at + StoredData.Look).Select(text => new CleanText(table, column, text.RowId, text.Text, AddressFinder.Replace(text.Text, PersonalData.Removed, forgotten.Holds)));
                    foreach (var piece in named.Where(text => text.After != text.Before).Chunk(StoredData.Piece))
                    {
                        await writer.WriteAsync(Piece() with { Texts = piece }, cancellation);
                    }
                }
            }
        }
    }

    private async Task ForgetUnusedPartsAsync(CancellationToken cancellation)
    {
        await writer.WriteAsync(Piece() with { Note = (DatabaseSetup.OldPagesNote, null) }, cancellation);
        await writer.WriteAsync(Piece() with { Note = (UnusedPartsNote, null) }, cancellation);
    }

    private CleanDocument? Clean(StoredDocument document) => CleanDocument.Of(
        document.RowId, document.Json, document.EventJson, import => PersonalData.WithoutPersons(import, forgotten.Holds), metadata => PersonalData.WithoutPersons(metadata, forgotten.Holds));

    private Upkeep Piece() => new(time.GetUtcNow(), RemovalReason.Forgotten);
}
