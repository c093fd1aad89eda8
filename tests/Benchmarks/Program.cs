using Actors.Benchmarks;
using Actors.Benchmarks.Journal;
using Actors.Benchmarks.Streams;

switch (args.FirstOrDefault())
{
    case "big": await BigBenchmark.RunAsync(args[1..]); break;
    case "failover": await FailoverBenchmark.RunAsync(args[1..]); break;
    case "hand-off": await HandOffBenchmark.RunAsync(); break;
    case "journal": JournalBenchmark.Run(args[1..]); break;
    case "kcat": KcatBenchmark.Run(args[1..]); break;
    case "many": await ManyBenchmark.RunAsync(args[1..]); break;
    case "nodes": await NodesBenchmark.RunAsync(); break;
    case "paced": await PacedBenchmark.Run(args[1..]); break;
    case "rebalance": await RebalanceBenchmark.RunAsync(); break;
    case "records": RecordsBenchmark.Run(); break;
    case "start": StartBenchmark.Run(); break;
    case "streams": StreamsBenchmark.Run(args[1..]); break;
    case "tell": TellBenchmark.Run(args); break;
    default:
        Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- big|failover|hand-off|journal|kcat|many|nodes|paced|rebalance|records|start|streams|tell");
        return 2;
}
return 0;
