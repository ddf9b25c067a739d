using System.CommandLine;
using LoyaltyDashboard.Benchmarks;
using LoyaltyDashboard.Benchmarks.Export;
using LoyaltyDashboard.Benchmarks.Live;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Micro;
using LoyaltyDashboard.Benchmarks.Pages;
using LoyaltyDashboard.Benchmarks.Queries;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Benchmarks.Search;
using LoyaltyDashboard.Benchmarks.Start;
using LoyaltyDashboard.Benchmarks.Torture;
using LoyaltyDashboard.Benchmarks.Webhooks;

// Every measurement is a command of its own, named after what it measures; the results are printed and kept in results/.
Command[] measurements =
[
    WebhooksCommand.Create(),
    SizeCommand.Create(),
    QueriesCommand.Create(),
    TilesCommand.Create(),
    SearchCommand.Create(),
    LiveCommand.Create(),
    ExportCommand.Create(),
    StartCommand.Create(),
    PagesCommand.Create(),
];

var imports = new Argument<int>("imports") { DefaultValueFactory = _ => 1_000_000 };
var seed = new Command("seed", "Makes the database that others measure on, once.") { imports };
seed.SetAction(async (parsed, _) => Console.WriteLine(await SeededDatabase.GetAsync(parsed.GetValue(imports))));

var report = new Command("report", "Prints the tables of all that was measured and of all that was made to go wrong, for the README.");
report.SetAction(_ =>
{
    Results.Report(measurements.Select(m => m.Name));
    TortureResults.Report();
});

var root = new RootCommand("Measures LoyaltyDashboard beside its peers. Run it in Release.") { seed, report, TortureCommand.Create(), MicroCommand.Create(), WriterCommand.Create(), VerifyOnly.Create(), BareGrid.Create() };
foreach (var measurement in measurements)
{
    root.Add(measurement);
}

return await root.Parse(args).InvokeAsync();
