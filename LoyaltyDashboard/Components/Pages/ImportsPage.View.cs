using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace LoyaltyDashboard.Components.Pages;

/// <content>Headings, chips, keys and what screen readers hear.</content>
public sealed partial class ImportsPage
{
    // Where the keyboard is; -1 while it is nowhere, or on a row that has left the page.
    private int Current => _list.Rows.Select((row, i) => (row.Id, i)).Where(r => r.Id == _currentId).Select(r => r.i).DefaultIfEmpty(-1).First();

    private async Task PressAsync(string key)
    {
        switch (key)
        {
            case "j" or "k" when _list.Rows.Count > 0:
                _currentId = _list.Rows[Math.Clamp(Current + (key == "j" ? 1 : -1), 0, _list.Rows.Count - 1)].Id;
                StateHasChanged();
                await js.InvokeVoidAsync("dashboard.reveal", "tr.current");
                break;
            case "Enter" or "o" when Current >= 0:
                navigation.NavigateTo($"imports/{Uri.EscapeDataString(_currentId!)}{ListQuery}");
                break;
            case "x" when Current >= 0:
                await ExpandAsync(_currentId!);
                StateHasChanged();
                break;
            case "p":
                await TogglePauseAsync();
                StateHasChanged();
                break;
            case "e":
                await js.InvokeVoidAsync("dashboard.click", ".menu.export button");
                break;
            case "Escape" when _openId is not null:
                (_openId, _open) = (null, null);
                await RefreshAsync();
                break;
        }
    }

    // Arrivals are gathered until the pause is over and then told, whether or not another comes.
    private void Announce(int arrived)
    {
        _arrivedSince += arrived;
        if (_arrivedSince == 0 || _isAnnouncementDue)
        {
            return;
        }

        var wait = _announcePause - (time.GetUtcNow() - _announcedAt);
        if (wait <= TimeSpan.Zero)
        {
            AnnounceNow();
            return;
        }

        _isAnnouncementDue = true;
        _ = AnnounceAfterAsync(wait);
    }

    private async Task AnnounceAfterAsync(TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, time, _gone.Token);
            await InvokeAsync(() =>
            {
                _isAnnouncementDue = false;
                AnnounceNow();
                StateHasChanged();
            });
        }
        catch (OperationCanceledException)
        {
            // The page is gone.
        }
    }

    private void AnnounceNow()
    {
        var words = _arrivedSince == 1 ? "One import arrived" : $"{_arrivedSince} imports arrived";

        // Only a text that differs is read out; a trailing space nobody hears makes it differ.
        _announcement = words == _announcement ? words + '\u00A0' : words;
        (_announcedAt, _arrivedSince) = (time.GetUtcNow(), 0);
    }

    private IEnumerable<(string Word, ImportFilter Without)> Chips()
    {
        var filter = _view.Filter;
        foreach (var status in filter.Statuses)
        {
            yield return (status.ToString(), filter with { Statuses = Toggle(filter.Statuses, status) });
        }

        foreach (var result in filter.Results)
        {
            yield return (_resultChoices.First(c => c.Item1 == result).Item2, filter with { Results = Toggle(filter.Results, result) });
        }

        foreach (var id in filter.Sites)
        {
            var site = _sites?.FirstOrDefault(s => s.InstanceId == id) ?? new SiteView(id, null, null);
            yield return ($"Site: {Format.Site(site)}", filter with { Sites = Toggle(filter.Sites, id) });
        }

        if (filter.From is { } from)
        {
            yield return (_arrivedChoices.Where(c => c.Item1 == from.Text).Select(c => c.Item2).FirstOrDefault() ?? $"From {from.Text}", filter with { From = null });
        }

        if (filter.To is { } to)
        {
            yield return ($"Before {to.Text}", filter with { To = null });
        }

        foreach (var verdict in filter.Verdicts)
        {
            yield return ($"Mapping: {verdict}", filter with { Verdicts = Toggle(filter.Verdicts, verdict) });
        }
    }

    // Words are looked through from A, numbers and times from the largest.
    private static bool BeginsAscending(ImportSort sort) => sort is ImportSort.File or ImportSort.Site or ImportSort.Status;

    private RenderFragment Head(string label, ImportSort sort, string? css = null) => builder =>
    {
        var isOn = _view.Filter.Sort == sort;
        var arrow = !isOn ? string.Empty : _view.Filter.Ascending ? " ▴" : " ▾";
        builder.OpenElement(0, "th");
        builder.AddAttribute(1, "scope", "col");
        builder.AddAttribute(2, "class", css);
        builder.AddAttribute(3, "aria-sort", !isOn ? "none" : _view.Filter.Ascending ? "ascending" : "descending");
        builder.OpenElement(4, "button");
        builder.AddAttribute(5, "onclick", EventCallback.Factory.Create(this, () => GoAsync(_view.Filter with { Sort = sort, Ascending = isOn ? !_view.Filter.Ascending : BeginsAscending(sort) })));
        builder.AddContent(6, label);
        builder.OpenElement(7, "span");
        builder.AddAttribute(8, "aria-hidden", "true");
        builder.AddContent(9, arrow);
        builder.CloseElement();
        builder.CloseElement();
        builder.CloseElement();
    };
}
