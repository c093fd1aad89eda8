using Actors.Broker.Network;
using Actors.Hocon;

namespace Actors.Node;

/// <summary>A named door for Kafka clients: where it listens, and where they are told to connect.</summary>
/// <param name="Advertised">Null: as it listens.</param>
internal sealed record KafkaListener(string Name, HostAndPort Listen, HostAndPort? Advertised)
{
    /// <summary>The settings' listeners, at least one; the first is for the nodes among themselves.</summary>
    /// <param name="kafka">The section, of which <c>listen</c>, <c>listeners</c> and <c>advertised</c> are read.</param>
    /// <param name="flag">What <c>--kafka</c> says, the short form for one listener; or null.</param>
    public static IReadOnlyList<KafkaListener> Read(HoconSection kafka, string? flag)
    {
        var (listen, listeners, advertised) = (kafka.Text("listen"), Parse(kafka, "listeners"), Parse(kafka, "advertised"));
        if (flag is not null)
            return HostAndPort.TryParse(flag, out var given)
                ? [new KafkaListener(ListenerName.Default, given, null)]
                : throw new HoconException(new HoconPosition("command line", 1, 1), "--kafka", $"{flag} is not HOST:PORT");
        if (listeners.Count == 0)
        {
            if (!HostAndPort.TryParse(listen, out var one))
                kafka.Error("listen", $"\"{listen}\" is not HOST:PORT");
            listeners.Add((ListenerName.Default, one));
        }
        foreach (var (name, _) in advertised)
            if (listeners.TrueForAll(listener => listener.Name != name))
                kafka.Error("advertised", $"there is no listener {name}");
        foreach (var twice in listeners.GroupBy(listener => listener.Name).Where(group => group.Count() > 1))
            kafka.Error("listeners", $"{twice.Key} stands there twice");
        return [.. listeners.Select(listener => new KafkaListener(listener.Name, listener.Address, advertised.Where(each => each.Name == listener.Name).Select(each => (HostAndPort?)each.Address).FirstOrDefault()))];
    }

    private static List<(string Name, HostAndPort Address)> Parse(HoconSection kafka, string key)
    {
        var text = key == "listeners" ? kafka.Text("listeners") : kafka.Text("advertised");
        var parsed = new List<(string, HostAndPort)>();
        foreach (var each in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            if (each.Split("://") is [{ Length: > 0 } name, var address] && HostAndPort.TryParse(address, out var parsedAddress))
                parsed.Add((name, parsedAddress));
            else
                kafka.Error(key, $"\"{each}\" is not NAME://HOST:PORT");
        return parsed;
    }
}
