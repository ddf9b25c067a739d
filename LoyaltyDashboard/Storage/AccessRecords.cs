using Microsoft.AspNetCore.Identity;

namespace LoyaltyDashboard.Storage;

/// <summary>What somebody may do; each may all that the one before may. The numbers are stored.</summary>
public enum Role
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Sees lists, counts and masked samples.</summary>
    Viewer = 1,

    /// <summary>Sees samples in clear after a reveal, exports in clear, sends test imports, asks Wix, decodes again.</summary>
    Operator = 2,

    /// <summary>Looks after users, keys, retention and settings.</summary>
    Administrator = 3,
}

/// <summary>Somebody who signs in.</summary>
public sealed class Account : IdentityUser<long>
{
    /// <summary>What they may do.</summary>
    public Role Role { get; set; }

    /// <summary>Instance ids of the sites they may see; null: all.</summary>
    public List<string>? Sites { get; set; }

    /// <summary>When the account was made.</summary>
    public DateTimeOffset Created { get; set; }

    /// <summary>When an administrator shut it; null while it is open.</summary>
    public DateTimeOffset? Disabled { get; set; }

    /// <summary>When they last signed in.</summary>
    public DateTimeOffset? LastSignIn { get; set; }
}

/// <summary>One sign-in, from the moment of it until it ends. The cookie names it; what the cookie says counts only while this row is open.</summary>
public sealed class SessionRecord
{
    /// <summary>Row.</summary>
    public long RowId { get; set; }

    /// <summary>SHA-256 of the secret in the cookie.</summary>
    public required byte[] Hash { get; set; }

    /// <summary>Whose.</summary>
    public long AccountId { get; set; }

    /// <summary>Since when.</summary>
    public DateTimeOffset Begun { get; set; }

    /// <summary>When it ends by itself, used or not.</summary>
    public DateTimeOffset Expires { get; set; }
}

/// <summary>What a one-time link is for. The numbers are stored.</summary>
public enum LinkPurpose
{
    /// <summary>Makes the first administrator, or another when the last is locked out.</summary>
    Administrator = 1,

    /// <summary>Makes an account.</summary>
    Invite = 2,

    /// <summary>Sets a new password.</summary>
    Reset = 3,
}

/// <summary>A link that works once, for a while.</summary>
public sealed class OneTimeLinkRecord
{
    /// <summary>Row.</summary>
    public long RowId { get; set; }

    /// <summary>SHA-256 of the secret in the link.</summary>
    public required byte[] Hash { get; set; }

    /// <summary>What it does.</summary>
    public LinkPurpose Purpose { get; set; }

    /// <summary>Whose password it sets; null for the others.</summary>
    public long? AccountId { get; set; }

    /// <summary>The role of the account that it makes.</summary>
    public Role Role { get; set; }

    /// <summary>The sites of the account that it makes; null: all.</summary>
    public List<string>? Sites { get; set; }

    /// <summary>Who made it, as the audit log names them; it works only while they could make it again. Null: whoever holds the machine.</summary>
    public string? MadeBy { get; set; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; set; }

    /// <summary>Works until then.</summary>
    public DateTimeOffset Expires { get; set; }

    /// <summary>When it was used; null while it was not.</summary>
    public DateTimeOffset? Used { get; set; }
}

/// <summary>A key for scripts.</summary>
public sealed class ApiKeyRecord
{
    /// <summary>Row.</summary>
    public long RowId { get; set; }

    /// <summary>What it is for, in its owner's words.</summary>
    public required string Name { get; set; }

    /// <summary>SHA-256 of the key.</summary>
    public required byte[] Hash { get; set; }

    /// <summary>Its last four letters, by which its owner knows it again.</summary>
    public required string Ending { get; set; }

    /// <summary>What it may do.</summary>
    public Role Role { get; set; }

    /// <summary>Instance ids of the sites it may see; null: all.</summary>
    public List<string>? Sites { get; set; }

    /// <summary>Whether it stands in the configuration; such a one ends by being taken out of it.</summary>
    public bool IsConfigured { get; set; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; set; }

    /// <summary>When it was last used, to the minute; null: never.</summary>
    public DateTimeOffset? LastUsed { get; set; }

    /// <summary>When it was revoked; null while it works.</summary>
    public DateTimeOffset? Revoked { get; set; }
}

/// <summary>One line of the audit log. The database refuses to change or remove one.</summary>
public sealed class AuditRecord
{
    /// <summary>Order; without gaps.</summary>
    public long RowId { get; set; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>Who: <c>user:3</c>, <c>key:2</c>, <c>system</c> or <c>command</c>.</summary>
    public required string Actor { get; set; }

    /// <summary>What was done, as a word.</summary>
    public required string Action { get; set; }

    /// <summary>To what, such as <c>import:…</c>, <c>user:5</c>; null where there is nothing to name.</summary>
    public string? Subject { get; set; }

    /// <summary>What else there is to say, without personal data.</summary>
    public string? Detail { get; set; }

    /// <summary>Keyed hash of this line and the hash of the line before.</summary>
    public required byte[] Hash { get; set; }
}

/// <summary>An address that is to be forgotten wherever it comes from.</summary>
public sealed class ForgottenRecord
{
    /// <summary>Row.</summary>
    public long RowId { get; set; }

    /// <summary>Keyed hash of the folded address.</summary>
    public required byte[] Hash { get; set; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; set; }
}

/// <summary>What the program notes for itself beside all else, such as how far a job has come.</summary>
public sealed class NoteRecord
{
    /// <summary>Which.</summary>
    public required string Name { get; set; }

    /// <summary>What.</summary>
    public required string Value { get; set; }
}

/// <summary>Why personal data are not kept, or no longer. The numbers are stored.</summary>
public enum RemovalReason
{
    /// <summary>They are kept, or there were none.</summary>
    None = 0,

    /// <summary>Their time was over, or they were too old when they came.</summary>
    Expired = 1,

    /// <summary>A person in them is to be forgotten.</summary>
    Forgotten = 2,

    /// <summary>Wix sent the event because somebody asked to be made anonymous.</summary>
    Anonymized = 3,
}
