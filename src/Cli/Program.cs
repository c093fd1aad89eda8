using Actors.Cli;

return await CommandLine.RunAsync(StartedAs.Name(), args, Terminal.OfProcess());
