using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace LoyaltyDashboard.Storage;

/// <summary>The schema, and the read side's way in. The writer uses plain commands on the same tables.</summary>
public sealed class DashboardDb(DbContextOptions<DashboardDb> options) : DbContext(options)
{
    /// <summary>One row per import.</summary>
    public DbSet<ImportRecord> Imports => Set<ImportRecord>();

    /// <summary>Whole imports as JSON.</summary>
    public DbSet<ImportDocumentRecord> Documents => Set<ImportDocumentRecord>();

    /// <summary>Search texts.</summary>
    public DbSet<ImportTextRecord> Texts => Set<ImportTextRecord>();

    /// <summary>Sightings.</summary>
    public DbSet<ObservationRecord> Observations => Set<ObservationRecord>();

    /// <summary>Requests at the doors.</summary>
    public DbSet<DeliveryRecord> Deliveries => Set<DeliveryRecord>();

    /// <summary>Bodies of authentic deliveries.</summary>
    public DbSet<DeliveryBodyRecord> DeliveryBodies => Set<DeliveryBodyRecord>();

    /// <summary>Sites.</summary>
    public DbSet<SiteRecord> Sites => Set<SiteRecord>();

    /// <summary>Sign-ins that are open.</summary>
    public DbSet<SessionRecord> Sessions => Set<SessionRecord>();

    /// <summary>Links that work once.</summary>
    public DbSet<OneTimeLinkRecord> Links => Set<OneTimeLinkRecord>();

    /// <summary>Keys for scripts.</summary>
    public DbSet<ApiKeyRecord> ApiKeys => Set<ApiKeyRecord>();

    /// <summary>The audit log, for reading.</summary>
    public DbSet<AuditRecord> Audit => Set<AuditRecord>();

    /// <summary>Addresses that are to be forgotten, as keyed hashes.</summary>
    public DbSet<ForgottenRecord> Forgotten => Set<ForgottenRecord>();

    /// <summary>Notes of the program's own.</summary>
    public DbSet<NoteRecord> Notes => Set<NoteRecord>();

    /// <summary>Who may sign in.</summary>
    public DbSet<Account> Accounts => Set<Account>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<TicksConverter>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var id = new ValueConverter<string, byte[]>(text => IdKey.Pack(text), key => IdKey.Unpack(key));

        var packed = new ValueConverter<byte[], byte[]>(json => PackedJson.Pack(json), stored => PackedJson.Unpack(stored));
        // Nothing is changed through EF, so which bytes are the same array is all it has to tell.
        var sameBytes = new ValueComparer<byte[]>((one, other) => ReferenceEquals(one, other), bytes => bytes.Length);

        modelBuilder.Entity<ImportRecord>(import =>
        {
            import.ToTable("imports").HasKey(i => i.RowId);
            import.Property(i => i.Id).HasConversion(id).IsRequired();
            // Rows from before the column stand in the indexes; the default says so without writing each anew.
            import.Property(i => i.Settled).HasDefaultValue(true);
            import.HasIndex(i => new { i.Arrived, i.RowId, i.Status, i.SiteRowId, i.Verdict, i.ParsedRowCount, i.SuccessCount, i.FailureCount, i.ErrorFileExists }).HasDatabaseName(ListIndexes.Arrived);
            import.HasIndex(i => new { i.Status, i.Arrived }).HasDatabaseName(ListIndexes.Status);
            import.HasIndex(i => new { i.SiteRowId, i.Arrived }).HasDatabaseName(ListIndexes.Site);
            import.HasIndex(i => new { i.Created, i.Arrived }).HasDatabaseName(ListIndexes.Created);
            import.HasIndex(i => new { i.Updated, i.Arrived }).HasDatabaseName(ListIndexes.Updated).HasFilter("Settled = 1");
            import.HasIndex(i => new { i.FileName, i.Arrived }).HasDatabaseName(ListIndexes.FileName).HasFilter("Settled = 1");
            import.HasIndex(i => new { i.FileSize, i.Arrived }).HasDatabaseName(ListIndexes.FileSize).HasFilter("Settled = 1");
            import.HasIndex(i => new { i.ParsedRowCount, i.Arrived }).HasDatabaseName(ListIndexes.ParsedRowCount).HasFilter("Settled = 1 AND ParsedRowCount IS NOT NULL");
            import.HasIndex(i => new { i.SuccessCount, i.Arrived }).HasDatabaseName(ListIndexes.SuccessCount).HasFilter("Settled = 1 AND SuccessCount IS NOT NULL");
            import.HasIndex(i => new { i.FailureCount, i.Arrived }).HasDatabaseName(ListIndexes.FailureCount).HasFilter("Settled = 1 AND FailureCount IS NOT NULL");
            import.HasIndex(i => i.Arrived, ListIndexes.Failures).HasFilter("FailureCount > 0");
            import.HasIndex(i => i.Arrived).HasDatabaseName(ListIndexes.ErrorFile).HasFilter("ErrorFileExists = 1");
            import.HasIndex(i => new { i.Verdict, i.Arrived }).HasDatabaseName(ListIndexes.Findings).HasFilter("Verdict >= 2");
            import.HasIndex(i => i.LastSeen).HasDatabaseName(ListIndexes.LastSeen).HasFilter(ListIndexes.Moving);
            // The imports still to be asked for are few; so is this index.
            import.HasIndex(i => new { i.SiteRowId, i.NextAsk }).HasFilter("NextAsk IS NOT NULL");
            import.HasOne(i => i.Site).WithMany().HasForeignKey(i => i.SiteRowId);
            import.HasOne(i => i.Document).WithOne().HasForeignKey<ImportDocumentRecord>(d => d.RowId);
            import.HasOne(i => i.Text).WithOne().HasForeignKey<ImportTextRecord>(t => t.RowId);
        });
        modelBuilder.Entity<ImportDocumentRecord>(document =>
        {
            document.ToTable("import_documents").HasKey(d => d.RowId);
            document.Property(d => d.RowId).ValueGeneratedNever();
            document.Property(d => d.Json).HasConversion(packed, sameBytes);
        });
        modelBuilder.Entity<ListStateRecord>(state =>
        {
            state.ToTable("list_state", table => table.HasCheckConstraint("CK_list_state_Id", "Id = 1")).HasKey(s => s.Id);
            state.Property(s => s.Id).ValueGeneratedNever();
        });
        modelBuilder.Entity<ImportTextRecord>(text =>
        {
            text.ToTable("import_texts").HasKey(t => t.RowId);
            text.Property(t => t.RowId).ValueGeneratedNever();
        });
        modelBuilder.Entity<ObservationRecord>(observation =>
        {
            observation.ToTable("observations").HasKey(o => o.RowId);
            observation.HasIndex(o => o.ImportRowId);
        });
        modelBuilder.Entity<DeliveryRecord>(delivery =>
        {
            delivery.ToTable("deliveries").HasKey(d => d.RowId);
            delivery.HasIndex(d => new { d.Outcome, d.RowId });
            delivery.HasIndex(d => d.ImportRowId);
            delivery.HasOne(d => d.Import).WithMany().HasForeignKey(d => d.ImportRowId);
        });
        modelBuilder.Entity<DeliveryBodyRecord>(body =>
        {
            body.ToTable("delivery_bodies").HasKey(b => b.RowId);
            body.Property(b => b.RowId).ValueGeneratedNever();
            body.Property(b => b.Body).HasConversion(packed, sameBytes);
        });
        modelBuilder.Entity<SiteRecord>(site =>
        {
            site.ToTable("sites").HasKey(s => s.RowId);
            site.Property(s => s.InstanceId).HasConversion(id);
            site.HasIndex(s => s.InstanceId).IsUnique();
            site.HasIndex(s => s.NextAsk);
        });
        // Identity's own base class takes its shape from the services of whoever makes the context; one schema has one shape.
        modelBuilder.Entity<Account>(account =>
        {
            account.ToTable("accounts").HasKey(a => a.Id);
            account.HasIndex(a => a.NormalizedUserName).IsUnique();
            account.HasIndex(a => a.NormalizedEmail);
            account.Property(a => a.ConcurrencyStamp).IsConcurrencyToken();
            account.HasMany<IdentityUserClaim<long>>().WithOne().HasForeignKey(c => c.UserId).IsRequired();
            account.HasMany<IdentityUserLogin<long>>().WithOne().HasForeignKey(l => l.UserId).IsRequired();
            account.HasMany<IdentityUserToken<long>>().WithOne().HasForeignKey(t => t.UserId).IsRequired();
            account.HasMany<IdentityUserPasskey<long>>().WithOne().HasForeignKey(p => p.UserId).IsRequired();
        });
        modelBuilder.Entity<IdentityUserClaim<long>>().ToTable("account_claims").HasKey(c => c.Id);
        modelBuilder.Entity<IdentityUserLogin<long>>().ToTable("account_logins").HasKey(l => new { l.LoginProvider, l.ProviderKey });
        modelBuilder.Entity<IdentityUserToken<long>>().ToTable("account_tokens").HasKey(t => new { t.UserId, t.LoginProvider, t.Name });
        modelBuilder.Entity<IdentityUserPasskey<long>>(passkey =>
        {
            passkey.ToTable("account_passkeys").HasKey(p => p.CredentialId);
            passkey.OwnsOne(p => p.Data).ToJson();
        });
        modelBuilder.Entity<SessionRecord>(session =>
        {
            session.ToTable("sessions").HasKey(s => s.RowId);
            session.HasIndex(s => s.Hash).IsUnique();
            session.HasOne<Account>().WithMany().HasForeignKey(s => s.AccountId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<OneTimeLinkRecord>(link =>
        {
            link.ToTable("one_time_links").HasKey(l => l.RowId);
            link.HasIndex(l => l.Hash).IsUnique();
            link.HasOne<Account>().WithMany().HasForeignKey(l => l.AccountId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<ApiKeyRecord>(key =>
        {
            key.ToTable("api_keys").HasKey(k => k.RowId);
            key.HasIndex(k => k.Hash).IsUnique();
        });
        modelBuilder.Entity<NoteRecord>().ToTable("notes").HasKey(n => n.Name);
        modelBuilder.Entity<AuditRecord>().ToTable("audit").HasKey(a => a.RowId);
        modelBuilder.Entity<ForgottenRecord>(forgotten =>
        {
            forgotten.ToTable("forgotten").HasKey(f => f.RowId);
            forgotten.HasIndex(f => f.Hash).IsUnique();
        });
    }

    private sealed class TicksConverter() : ValueConverter<DateTimeOffset, long>(time => UtcTicks.From(time), ticks => UtcTicks.To(ticks));
}
