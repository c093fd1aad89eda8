using Actors.Benchmarks;
using Actors.Benchmarks.Journal;
using Actors.Benchmarks.Streams;

switch (args.FirstOrDefault())
{
    case "journal": JournalBenchmark.Run(args[1..]); break;
    case "kcat": KcatBenchmark.Run(args[1..]); break;
    case "paced": await PacedBenchmark.Run(args[1..]); break;
    case "start": StartBenchmark.Run(); break;
    case "streams": StreamsBenchmark.Run(args[1..]); break;
    case "tell": TellBenchmark.Run(args); break;
    default:
        Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- journal|kcat|paced|start|streams|tell");
        return 2;
}
return 0;
