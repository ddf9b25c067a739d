using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Processes;

public sealed class KillTests
{
    private const int Senders = 16;
    private const int AnsweredBeforeTheKill = 400;

    [Fact]
    public async Task Killed_under_load_everything_answered_200_is_there_once()
    {
        using var key = RSA.Create(2048);
        var directory = Directory.CreateTempSubdirectory("loyalty-kill-");
        var database = Path.Combine(directory.FullName, "data", "kill.db");
        var answered = new ConcurrentBag<WixWebhook>();
        await using (var process = await DashboardProcess.StartAsync(
            Path.Combine(AppContext.BaseDirectory, "LoyaltyDashboard.dll"), directory.FullName,
            ("ConnectionStrings__Dashboard", $"Data Source={database}"), ("Wix__PublicKeys__0", key.ExportSubjectPublicKeyInfoPem())))
        {
            var enough = new TaskCompletionSource();
            var senders = Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
            {
                while (true)
                {
                    var webhook = new WixWebhook();
                    try
                    {
                        using var answer = await process.Client.PostAsync("/webhooks/wix", new StringContent(webhook.Sign(key)));
                        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                    }
                    catch (HttpRequestException)
                    {
                        return; // the process is gone
                    }

                    answered.Add(webhook);
                    if (answered.Count >= AnsweredBeforeTheKill)
                    {
                        enough.TrySetResult();
                    }
                }
            })).ToList();

            // Senders end only when the process does, which before the kill would be a fault of its own.
            Assert.Same(enough.Task, await Task.WhenAny(enough.Task, Task.WhenAll(senders)));
            await process.KillAsync();
            await Task.WhenAll(senders);
        }

        using (var after = DashboardApp.Start(settings: new() { ["Wix:PublicKeys:0"] = key.ExportSubjectPublicKeyInfoPem() }, databasePath: database))
        {
            foreach (var webhook in answered)
            {
                Assert.NotNull(await after.Imports.FindAsync(Reader.System, webhook.ImportId, TestContext.Current.CancellationToken));
            }

            using var connection = SqliteSetup.Open(after.Services.GetRequiredService<SqliteConnectionStringBuilder>().ConnectionString);
            Assert.Equal("ok", Scalar(connection, "PRAGMA integrity_check"));
            Assert.Equal(Scalar(connection, "SELECT COUNT(DISTINCT Id) FROM imports"), Scalar(connection, "SELECT COUNT(*) FROM deliveries"));
            Assert.InRange(await after.Imports.CountAsync(Reader.System, ImportFilter.Default, TestContext.Current.CancellationToken), answered.Count, answered.Count + Senders);
        }

        directory.Delete(recursive: true);
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
