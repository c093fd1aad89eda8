using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Actors.Cli.Tools;

/// <summary>One of Kafka's tools under its own name: its flags, what it does with them, and how it says that it could not. Source: Apache Kafka 3.9.0, <c>tools</c>.</summary>
internal abstract class KafkaTool
{
    private readonly string _about;

    protected KafkaTool(Terminal terminal, string name, string about)
    {
        (Terminal, _about) = (terminal, about);
        Command = new RootCommand(about) { HelpName = name };
        foreach (var option in Command.Options)
        {
            if (option is HelpOption) option.Description = "Print usage information.";
            if (option is VersionOption) option.Description = "Display the version.";
        }
        Servers = Add(Flags.Of<string?>("--bootstrap-server"));
    }

    public RootCommand Command { get; }

    protected Terminal Terminal { get; }

    protected Option<string?> Servers { get; }

    /// <summary>What a call without any flag is told.</summary>
    protected virtual string Invitation => _about;

    protected abstract Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation);

    /// <summary>Tells of what could not be done, in the tool's own way.</summary>
    protected abstract void Tell(string[] args, Exception error);

    protected T Add<T>(T option) where T : Option
    {
        Command.Options.Add(option);
        return option;
    }

    public async Task<int> RunAsync(string[] args, CancellationToken cancellation)
    {
        try
        {
            if (args.Length == 0) throw new UsageException(Invitation);
            var parsed = Command.Parse(ToolArguments.Whole(Command, args), new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
            if (parsed.Action is HelpAction) throw new UsageException(_about);
            if (parsed.Action is ParseErrorAction) throw new UsageException(ToolArguments.Complaint(parsed));
            Command.SetAction((result, stop) => RunAsync(result, stop));
            using var output = new StreamWriter(Terminal.Output, leaveOpen: true) { AutoFlush = true };
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false, Output = output, Error = Terminal.Error, ProcessTerminationTimeout = CommandLine.TimeToEnd,
            };
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        catch (UsageException error)
        {
            Terminal.Error.WriteLine(error.Message);
            foreach (var line in UsageTable.Lines(Command)) Terminal.Error.WriteLine(line);
            return 1;
        }
        catch (Exception error) when (error is CommandFailedException or Client.KafkaException)
        {
            Tell(args, error);
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 1;
        }
    }

    /// <exception cref="UsageException">A flag is missing.</exception>
    protected static void Require(ParseResult parsed, params Option[] options)
    {
        foreach (var option in options)
            if (!parsed.Has(option)) throw new UsageException($"Missing required argument \"[{Name(option)}]\"");
    }

    /// <exception cref="UsageException">A flag that does not go with another.</exception>
    protected static void Refuse(ParseResult parsed, Option used, params Option[] invalid)
    {
        if (!parsed.Has(used)) return;
        foreach (var option in invalid)
            if (option != used && parsed.Has(option)) throw new UsageException($"Option \"[{Name(used)}]\" can't be used with option \"[{Name(option)}]\"");
    }

    protected static string Name(Option option) => option.Name.TrimStart('-');
}
