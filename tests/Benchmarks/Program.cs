using Actors.Benchmarks.Streams;

switch (args.FirstOrDefault())
{
    case "streams": StreamsBenchmark.Run(args[1..]); break;
    default:
        Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- streams");
        return 2;
}
return 0;
