using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Coordination;

/// <summary>Makes the leases that configurations name; one for each name, path and owner.</summary>
public class LeaseProvider : IExtension
{
    private readonly ConcurrentDictionary<(string Name, string Path, string Owner), Lazy<Lease>> _leases = new();
    private readonly ExtendedActorSystem _system;
    private readonly ILoggingAdapter _log;

    public LeaseProvider(ExtendedActorSystem system)
    {
        _system = system;
        _log = Logging.GetLogger(system, "LeaseProvider");
        system.Settings.InjectTopLevelFallback(DefaultConfig());
    }

    public static LeaseProvider Get(ActorSystem system) => system.WithExtension<LeaseProvider, LeaseProviderExtensionProvider>();

    public static Config DefaultConfig() => ConfigurationFactory.FromResource<LeaseProvider>("Akka.Coordination.reference.conf");

    /// <summary>The lease whose implementation <c>lease-class</c> at <paramref name="configPath"/> names.</summary>
    /// <exception cref="ArgumentException">There is no such configuration, or it names no lease's class.</exception>
    public Lease GetLease(string leaseName, string configPath, string ownerName)
    {
        var key = (leaseName, configPath, ownerName);
        try
        {
            return _leases.GetOrAdd(key, static (k, provider) => new Lazy<Lease>(() => provider.Create(k.Name, k.Path, k.Owner)), this).Value;
        }
        catch
        {
            // A lazy value keeps its failure; the next call is to try anew.
            _leases.TryRemove(key, out _);
            throw;
        }
    }

    private Lease Create(string leaseName, string configPath, string ownerName)
    {
        var config = _system.Settings.Config.GetConfig(configPath) ?? throw new ArgumentException($"No configuration at [{configPath}]", nameof(configPath));
        var settings = LeaseSettings.Create(config.WithFallback(_system.Settings.Config.GetConfig("akka.coordination.lease")), leaseName, ownerName);
        var className = settings.LeaseConfig.GetString("lease-class");
        if (string.IsNullOrEmpty(className)) throw new ArgumentException("lease-class must not be empty", nameof(configPath));
        var type = Type.GetType(className) ?? throw new ArgumentException($"{configPath}.lease-class: no type [{className}]", nameof(configPath));
        if (!typeof(Lease).IsAssignableFrom(type)) throw new ArgumentException($"{configPath}.lease-class: [{className}] is no {typeof(Lease).FullName}", nameof(configPath));
        try
        {
            return (Lease)(type.GetConstructor([typeof(LeaseSettings), typeof(ExtendedActorSystem)]) is { } withSystem
                ? withSystem.Invoke([settings, _system])
                : Activator.CreateInstance(type, settings));
        }
        catch (Exception e) when (e is System.Reflection.TargetInvocationException or MissingMethodException)
        {
            var cause = e is System.Reflection.TargetInvocationException { InnerException: { } inner } ? inner : e;
            _log.Error(cause, "Invalid lease configuration for leaseName [{0}], configPath [{1}], lease-class [{2}]", leaseName, configPath, className);
            throw;
        }
    }
}

/// <summary>The extension's id.</summary>
public class LeaseProviderExtensionProvider : ExtensionIdProvider<LeaseProvider>
{
    public override LeaseProvider CreateExtension(ExtendedActorSystem system) => new(system);
}
