using System.Globalization;
using System.Text;
using Actors.Protocol;
using Actors.Protocol.Records;

namespace Actors.Benchmarks;

/// <summary>What the checks of a produced batch cost: CPU seconds a million records of 99 bytes, in batches of 1,000, of the header with the CRC and of the walk over the records, by codec.</summary>
internal static class RecordsBenchmark
{
    private const int PerBatch = 1_000;
    private const int Records = 1_000_000;
    private const int Rounds = 5;

    public static void Run()
    {
        Console.WriteLine($"{"1 million records of 99 B",-28} {"header and CRC",16} {"walk",10}   CPU s, median of {Rounds}");
        foreach (var compression in Enum.GetValues<Compression>())
        {
            var batch = Batch(compression);
            BatchHeader.TryRead(batch, out var header);
            var records = RecordSet.Of(batch);
            var checks = Measure(() => ProduceValidation.Check(records, 9) == ErrorCode.None);
            var walk = Measure(() => RecordWalk.Check(batch, header, 100 << 20, out _).Error == ErrorCode.None);
            Console.WriteLine($"{"  " + compression,-28} {checks,16:F3} {walk,10:F3}");
        }
    }

    private static byte[] Batch(Compression compression)
    {
        using var builder = new RecordBatchBuilder(compression);
        for (var i = 0; i < PerBatch; i++)
            builder.Append(1_700_000_000_000 + i, (byte[]?)null, Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture).PadLeft(99, 'x')));
        return builder.Build();
    }

    private static double Measure(Func<bool> check)
    {
        var seconds = new List<double>();
        for (var round = 0; round <= Rounds; round++)
        {
            var before = Environment.CpuUsage.TotalTime;
            for (var i = 0; i < Records / PerBatch; i++)
                if (!check())
                    throw new InvalidOperationException("the batch was refused");
            if (round > 0)
                seconds.Add((Environment.CpuUsage.TotalTime - before).TotalSeconds);
        }
        return seconds.Order().ElementAt(Rounds / 2);
    }
}
