using System.Net;
using Bunit;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using MudBlazor;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class SendTestImportTests : PageTests
{
    [Fact]
    public void Menu_SandboxOff_IsNotThere() => Assert.Empty(Render<SendTestImport>().Nodes);

    [Fact]
    public async Task Menu_SandboxOn_OffersEveryScenario()
    {
        TurnSandboxOn(HttpStatusCode.OK);

        var choices = await OpenMenuAsync(Render<SendTestImport>(), ".send-test");

        Assert.Equal(ScenarioCatalog.All.Select(scenario => scenario.Title), choices.Select(Text));
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, Severity.Success)]
    [InlineData(HttpStatusCode.ServiceUnavailable, Severity.Warning)]
    public async Task Scenario_Chosen_IsSentThroughTheDoorAndItsAnswerTold(HttpStatusCode answer, Severity severity)
    {
        var sent = TurnSandboxOn(answer);
        var choices = await OpenMenuAsync(Render<SendTestImport>(), ".send-test");

        await choices.Single(choice => Text(choice) == "Hostile file name").ClickAsync();

        Assert.Equal("http://127.0.0.1:5000/webhooks/wix", Assert.Single(sent));
        var told = Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars);
        Assert.Equal(($"Hostile file name: sent, answered {(int)answer}.", severity), (told.Message, told.Severity));
    }

    [Fact]
    public async Task Scenario_ChosenByWhoSeesNoneOfItsSites_IsNotSent()
    {
        var sent = TurnSandboxOn(HttpStatusCode.OK);
        Reader = new("user:1", Role.Operator, ["another-site"], SeesClear: false);
        var choices = await OpenMenuAsync(Render<SendTestImport>(), ".send-test");

        await choices.Single(choice => Text(choice) == "Hostile file name").ClickAsync();

        Assert.Empty(sent);
        Assert.StartsWith("Test imports are of the sandbox's invented sites", Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars).Message, StringComparison.Ordinal);
    }

    private List<string> TurnSandboxOn(HttpStatusCode answer)
    {
        var door = new Door(answer);
        door.Features.Set<IServerAddressesFeature>(door);
        Services.AddSingleton<IHttpClientFactory>(door).AddSingleton<IServer>(door).AddSingleton<SandboxKey>().AddSingleton<SandboxWorldFile>().AddSingleton<SandboxWorld>().AddSingleton<SandboxAnnouncer>().AddSingleton<IHostApplicationLifetime, ApplicationLifetime>();
        _ = Popovers;
        return door.Sent;
    }

    /// <summary>Our own door, as the sandbox sees it.</summary>
    private sealed class Door(HttpStatusCode answer) : HttpMessageHandler, IHttpClientFactory, IServer, IServerAddressesFeature
    {
        public List<string> Sent { get; } = [];

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public ICollection<string> Addresses { get; } = ["http://127.0.0.1:5000"];

        public bool PreferHostingUrls { get; set; }

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken) where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Sent.Add(request.RequestUri!.ToString());
            return Task.FromResult(new HttpResponseMessage(answer));
        }
    }
}
