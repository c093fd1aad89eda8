using System.Text;
using Actors.Client;

namespace Actors.Node.Demo;

/// <summary>Commercials as a television station would report them: ten a second, keyed by brand.</summary>
internal static class CommercialsProducer
{
    public const string Topic = "commercials_json";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly string[] Brands = ["Acme", "Globex"];
    private static readonly int[] Durations = [30, 45, 60];

    /// <summary>Produces until cancelled.</summary>
    /// <exception cref="KafkaException">The broker refuses.</exception>
    public static async Task RunAsync(ClusterClient cluster, Random random, CancellationToken stop)
    {
        await using var producer = new Producer(cluster);
        using var timer = new PeriodicTimer(Pause);
        do
        {
            var brand = Brands[random.Next(Brands.Length)];
            var value = $$"""{"brand":"{{brand}}","duration":{{Durations[random.Next(Durations.Length)]}},"rating":{{random.Next(1, 6)}}}""";
            await producer.SendAsync(new ProducerRecord(Topic, Encoding.UTF8.GetBytes(brand), Encoding.UTF8.GetBytes(value)), stop);
        }
        while (await timer.WaitForNextTickAsync(stop));
    }
}
