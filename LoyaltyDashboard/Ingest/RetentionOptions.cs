using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Ingest;

/// <summary>How long what came is kept.</summary>
public sealed class RetentionOptions
{
    /// <summary>Where it stands in the configuration.</summary>
    public const string Section = "Retention";

    /// <summary>Longest time that can be asked for, in days.</summary>
    public const int Longest = 36_500;

    /// <summary>Days after which sample rows, who caused an event, and raw bodies are removed.</summary>
    public int PersonalDataDays { get; set; } = 30;

    /// <summary>Days after which deliveries are removed.</summary>
    public int DeliveryDays { get; set; } = 90;

    /// <summary>Days after which imports are removed, with all that belongs to them; never unless set.</summary>
    public int? ImportDays { get; set; }
}

/// <summary>Names the key, the fault and a good example.</summary>
internal sealed class RetentionOptionsValidator : IValidateOptions<RetentionOptions>
{
    public ValidateOptionsResult Validate(string? name, RetentionOptions options)
    {
        List<string> faults = [];
        Check(nameof(options.PersonalDataDays), options.PersonalDataDays, 30);
        Check(nameof(options.DeliveryDays), options.DeliveryDays, 90);
        if (options.ImportDays is { } days)
        {
            Check(nameof(options.ImportDays), days, 730);
        }

        if (faults.Count == 0 && options.DeliveryDays < options.PersonalDataDays)
        {
            faults.Add($"Retention:DeliveryDays is {options.DeliveryDays}, but the bodies of deliveries are kept {options.PersonalDataDays} days (Retention:PersonalDataDays). A good pair is 90 and 30.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Check(string key, int days, int example)
        {
            if (days is < 1 or > RetentionOptions.Longest)
            {
                faults.Add($"Retention:{key} is {days}; it is a number of days from 1 to {RetentionOptions.Longest}. A good one is {example}.");
            }
        }
    }
}
