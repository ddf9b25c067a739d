using LoyaltyDashboard.Access;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Queries;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using MudBlazor;

namespace LoyaltyDashboard.Components.Pages;

/// <summary>The home page. The address is the one source of what is listed: choices write it, and it drives the load.</summary>
public sealed partial class ImportsPage(ImportQueries queries, CurrentReader reader, ImportFeed feed, NavigationManager navigation, IJSRuntime js, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan _searchPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _announcePause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _beat = TimeSpan.FromSeconds(15);

    private static readonly (ImportStatus, string)[] _statusChoices = [.. Enum.GetValues<ImportStatus>().Skip(1).Append(ImportStatus.Unknown).Select(s => (s, s == ImportStatus.Parsed ? "Parsed, waits for Execute" : s.ToString()))];
    private static readonly (ResultFilter, string)[] _resultChoices = [(ResultFilter.Clean, "Without failures"), (ResultFilter.WithFailures, "With failures"), (ResultFilter.ErrorFile, "With an error file")];
    private static readonly (string, string)[] _arrivedChoices = [("-1h", "In the last hour"), ("-24h", "In the last 24 hours"), ("-7d", "In the last 7 days"), ("-30d", "In the last 30 days")];
    private static readonly (MappingVerdict, string)[] _verdictChoices = [(MappingVerdict.Healthy, "Healthy"), (MappingVerdict.Suspicious, "Suspicious"), (MappingVerdict.Broken, "Broken"), (MappingVerdict.Unknown, "Not known")];

    private static readonly ((ImportSort, bool), string)[] _sortChoices =
    [
        ((ImportSort.Arrived, false), "Newest first"), ((ImportSort.Arrived, true), "Oldest first"), ((ImportSort.File, true), "By file"), ((ImportSort.Site, true), "By site"), ((ImportSort.Status, true), "By status"),
        ((ImportSort.Failed, false), "Most failures first"), ((ImportSort.Rows, false), "Most rows first"),
    ];

    private readonly ImportsList _list = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly string _token = Guid.NewGuid().ToString("N");
    private ParsedFilter _view = new(ImportFilter.Default, 1, ImportFilterQuery.DefaultPageSize, null, []);
    private IReadOnlyList<SiteView>? _sites;
    private IReadOnlyList<(string, string)>? _siteChoices;
    private ImportTiles? _tiles;
    private FeedSubscription? _subscription;
    private DotNetObjectReference<ImportsPage>? _self;
    private CancellationTokenSource? _search;
    private ElementReference _card;
    private ImportDetail? _open;
    private string? _openId;
    private string? _searchText;
    private string? _searched;
    private string? _announcement;
    private DateTimeOffset _announcedAt;
    private int _arrivedSince;
    private bool _isAnnouncementDue;
    private string? _currentId;
    private bool _areFiguresWanted;
    private bool _areFiguresAsked;
    private bool _isLoaded;
    private bool _isUnreadable;
    private bool _isPaused;
    private bool _isPointerOver;
    private bool _isMenuOpen;
    private bool _isSiteMenuOpen;

    private bool IsFiltered => _view.Filter with { Sort = ImportSort.Arrived, Ascending = false } != ImportFilter.Default;

    // There may be thousands, and every open page would hold them: they are there while their menu is open, or to name those in the filter.
    private bool NeedsSites => _isSiteMenuOpen || _view.Filter.Sites.Count > 0;

    private string ListQuery => ImportFilterQuery.Write(_view.Filter, _view.Page, _view.PageSize);

    private IReadOnlyList<string> ArrivedSelected => _view.Filter.From is { } from ? [from.Text] : [];

    // Rows come in by themselves only where nothing the reader looks at would move.
    private bool IsHeld => _isPointerOver || _isMenuOpen || _openId is not null || _view.Page != 1 || _view.Filter.Sort != ImportSort.Arrived || _view.Filter.Ascending;

    /// <summary>A key was pressed outside a field.</summary>
    [JSInvokable]
    public Task OnKey(string key) => InvokeAsync(() => PressAsync(key));

    /// <summary>The pointer came over the table, or left it.</summary>
    [JSInvokable]
    public Task OnPointer(bool isOver)
    {
        _isPointerOver = isOver;
        return isOver || _isPaused ? Task.CompletedTask : InvokeAsync(RefreshAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        navigation.LocationChanged -= OnLocationChanged;
        await _gone.CancelAsync();
        if (_subscription is not null)
        {
            await _subscription.DisposeAsync();
        }

        try
        {
            await js.InvokeVoidAsync("dashboard.unlisten", _token);
        }
        catch (JSDisconnectedException)
        {
        }

        _self?.Dispose();
        _search?.Dispose();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        // Subscribe first, load afterwards: what is committed in between is in one or the other.
        _subscription = feed.Subscribe(_ => InvokeAsync(RefreshAsync));
        navigation.LocationChanged += OnLocationChanged;
        _ = Pulse.RunAsync(_beat, time, () => InvokeAsync(RefreshUnfinishedAsync), DispatchExceptionAsync, _gone.Token);
        await LoadAsync();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _self = DotNetObjectReference.Create(this);
            await js.InvokeVoidAsync("dashboard.listen", _self, _token);
            await js.InvokeVoidAsync("dashboard.watchPointer", _card, _self);
        }
    }

    private static ValueList<T> Toggle<T>(ValueList<T> list, T value) => new(list.Contains(value) ? [.. list.Where(v => !Equals(v, value))] : [.. list, value]);

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        if (new Uri(change.Location).AbsolutePath == new Uri(navigation.BaseUri).AbsolutePath)
        {
            _ = InvokeAsync(async () =>
            {
                try
                {
                    await ReloadAsync();
                }
                catch (Exception exception)
                {
                    await DispatchExceptionAsync(exception);
                }
            });
        }
    }

    private async Task LoadAsync(bool keepsOpen = false)
    {
        var view = _view = ImportFilterQuery.Parse(new Uri(navigation.Uri).Query);
        if (_view.Filter.Q != _searched)
        {
            // The address changed by something else than typing. While somebody types, the field is ahead of the address and stays theirs.
            _searchText = _searched = _view.Filter.Q;
        }

        (_openId, _open) = keepsOpen ? (_openId, _open) : (null, null);
        await GuardAsync(async () =>
        {
            var page = await queries.PageAsync(reader.Now, view.Filter, view.Page, view.PageSize, _gone.Token);
            if (view != _view)
            {
                // The address has changed meanwhile; the load that it caused has the word.
                return;
            }

            _list.Show(page);
            if (!NeedsSites)
            {
                Know(null);
            }
        });
        _isLoaded = true;

        // First the list, then what it does not wait for.
        StateHasChanged();
        if (!_isUnreadable)
        {
            _ = RefreshFiguresAsync();
        }
    }

    private Task ReloadAsync() => LoadAsync();

    // Personal data are shown from now on, or no longer: also on a list that stands still, and in the row that is open.
    private async Task ShowAnewAsync()
    {
        if (_openId is { } id)
        {
            await GuardAsync(async () => _open = await queries.FindAsync(reader.Now, id, _gone.Token));
        }

        await LoadAsync(keepsOpen: true);
    }

    private async Task RefreshAsync()
    {
        if (_gone.IsCancellationRequested)
        {
            return;
        }

        var view = _view;
        await GuardAsync(async () =>
        {
            var page = await queries.PageAsync(reader.Now, view.Filter, view.Page, view.PageSize, _gone.Token);
            if (view != _view)
            {
                return;
            }

            if (_isPaused)
            {
                _list.CountWaiting(page);
                return;
            }

            IReadOnlyList<ImportRow> pushedOut = IsHeld && _list.NotOn(page) is { Count: > 0 } away ? await queries.RowsAsync(reader.Now, away, _gone.Token) : [];
            if (view != _view)
            {
                return;
            }

            if (_openId is { } openId && _list.Rows.Concat(page.Rows).Any(row => row.Id == openId))
            {
                // Its sample rows come once the file is parsed, which may be now.
                _open = await queries.FindAsync(reader.Now, openId, _gone.Token) ?? _open;
            }

            var waited = _list.Waiting;
            Announce(Math.Max(0, _list.Refresh(page, IsHeld, pushedOut) + _list.Waiting - waited));
            _ = RefreshFiguresAsync();
        });
        StateHasChanged();
    }

    // Figures and names are shared by all pages and come the less often the dearer they are. The list does not wait for them, nor does whoever measures what its refresh takes.
    private async Task RefreshFiguresAsync()
    {
        _areFiguresWanted = true;
        if (_areFiguresAsked)
        {
            return;
        }

        _areFiguresAsked = true;
        try
        {
            while (_areFiguresWanted && !_gone.IsCancellationRequested)
            {
                var gone = _gone.Token;
                _areFiguresWanted = false;

                // Names first: until they are there, a chip shows an id.
                if (NeedsSites)
                {
                    Know(await queries.SitesAsync(reader.Now, gone));
                }

                _tiles = await queries.TilesAsync(reader.Now, gone);
                StateHasChanged();
            }
        }
        catch (Exception exception) when (exception is System.Data.Common.DbException or OperationCanceledException)
        {
            // What was known stays until the next refresh asks again, or the page is gone.
        }
        catch (Exception exception)
        {
            await DispatchExceptionAsync(exception);
        }
        finally
        {
            _areFiguresAsked = false;
        }
    }

    // Commits bring list after list of the same sites. Their menu is drawn anew when its choices are others, not when they were only asked for again.
    private void Know(IReadOnlyList<SiteView>? sites)
    {
        if (sites is null || _sites is null || !sites.SequenceEqual(_sites))
        {
            _siteChoices = sites is null ? null : [.. sites.Select(site => (site.InstanceId, Format.Site(site)))];
        }

        _sites = sites;
    }

    // The feed tells of imports, not of links and names of sites.
    private Task RefreshUnfinishedAsync() => _list.Rows.Any(row => !row.Status.IsFinal()) ? RefreshAsync() : Task.CompletedTask;

    private async Task GuardAsync(Func<Task> load)
    {
        try
        {
            await load();
            _isUnreadable = false;
        }
        catch (OperationCanceledException)
        {
            // A newer load, or the end of the page, took over.
        }
        catch (System.Data.Common.DbException)
        {
            _isUnreadable = true;
        }
    }

    private Task ShowWaitingAsync()
    {
        if (_view.Page == 1 && _view.Filter.Sort == ImportSort.Arrived && !_view.Filter.Ascending)
        {
            return ShowNewestAsync();
        }

        Navigate(_view.Filter with { Sort = ImportSort.Arrived, Ascending = false }, 1, _view.PageSize);
        return Task.CompletedTask;
    }

    // What the reader had open stays open.
    private Task ShowNewestAsync() => LoadAsync(keepsOpen: true);

    private Task TogglePauseAsync()
    {
        _isPaused = !_isPaused;
        return _isPaused ? Task.CompletedTask : ReloadAsync();
    }

    private Task HoldWhileOpen(bool isOpen)
    {
        _isMenuOpen = isOpen;
        return isOpen ? Task.CompletedTask : RefreshAsync();
    }

    private async Task OpenSitesAsync(bool isOpen)
    {
        _isSiteMenuOpen = isOpen;
        if (isOpen)
        {
            // SQLite answers on the thread that asks. Were it the page's, the menu would open only once its choices are there.
            var (asking, gone) = (reader.Now, _gone.Token);
            await GuardAsync(async () => Know(await Task.Run(() => queries.SitesAsync(asking, gone), gone)));
        }

        await HoldWhileOpen(isOpen);
    }

    private async Task SearchAsync()
    {
        if (_search is not null)
        {
            await _search.CancelAsync();
            _search.Dispose();
        }

        var search = _search = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        try
        {
            await Task.Delay(_searchPause, time, search.Token);
            _searched = string.IsNullOrWhiteSpace(_searchText) ? null : _searchText;
            Navigate(_view.Filter with { Q = _searched }, 1, _view.PageSize, replace: true);
        }
        catch (OperationCanceledException)
        {
            // Another letter was typed.
        }
    }

    private Task GoAsync(ImportFilter filter)
    {
        Navigate(filter, 1, _view.PageSize);
        return Task.CompletedTask;
    }

    private void Navigate(ImportFilter filter, int page, int pageSize, bool replace = false) => navigation.NavigateTo("/" + ImportFilterQuery.Write(filter, page, pageSize), replace: replace);

    private async Task ExpandAsync(string id)
    {
        if (_openId == id)
        {
            (_openId, _open) = (null, null);
            return;
        }

        await GuardAsync(async () =>
        {
            _open = await queries.FindAsync(reader.Now, id, _gone.Token);
            _openId = _open is null ? null : id;
            _currentId = id;
        });
    }
}
