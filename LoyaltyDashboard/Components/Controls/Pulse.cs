namespace LoyaltyDashboard.Components.Controls;

/// <summary>A page's own beat, for what no feed tells of: how the links to Wix are, names of sites, requests used.</summary>
internal static class Pulse
{
    /// <summary>Calls again and again, never twice at once, until the page is gone.</summary>
    /// <param name="every">Between two calls.</param>
    /// <param name="time">By which clock.</param>
    /// <param name="onBeat">What to do.</param>
    /// <param name="onFault">Where an unexpected fault goes, which ends the beat.</param>
    /// <param name="gone">The end of the page.</param>
    public static async Task RunAsync(TimeSpan every, TimeProvider time, Func<Task> onBeat, Func<Exception, Task> onFault, CancellationToken gone)
    {
        try
        {
            using var timer = new PeriodicTimer(every, time);
            while (await timer.WaitForNextTickAsync(gone))
            {
                await onBeat();
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            await onFault(exception);
        }
    }
}
