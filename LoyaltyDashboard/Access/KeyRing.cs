using System.Xml.Linq;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace LoyaltyDashboard.Access;

/// <summary>The keys of cookies and forms, in the directory beside the database. They stand there as they are: whoever reads that directory reads the database, too.</summary>
internal sealed class KeyRing(KeyDirectory keys, ILoggerFactory loggers) : FileSystemXmlRepository(new DirectoryInfo(keys.Path), loggers)
{
    /// <inheritdoc/>
    public override IReadOnlyCollection<XElement> GetAllElements()
    {
        // It would be made for everybody otherwise.
        keys.Create();
        return base.GetAllElements();
    }

    /// <inheritdoc/>
    public override void StoreElement(XElement element, string friendlyName)
    {
        base.StoreElement(element, friendlyName);
        foreach (var file in System.IO.Directory.GetFiles(keys.Path, "*.xml"))
        {
            OwnerOnly.Restrict(file);
        }
    }
}

/// <summary>What start needs for <see cref="KeyRing"/>.</summary>
internal static class KeyRingSetup
{
    private const string ApplicationName = "LoyaltyDashboard";

    /// <summary>Has cookies and forms protected with these keys, so that they outlive a restart, wherever the program lies.</summary>
    public static void AddKeyRing(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName(ApplicationName);
        services.AddOptions<KeyManagementOptions>().Configure<KeyDirectory, ILoggerFactory>((ring, keys, loggers) => ring.XmlRepository = new KeyRing(keys, loggers));
    }
}
