using Actors.Hocon;
using Actors.Node;
using Actors.Ownership;

const int Unusable = 1, BadConfiguration = 2, DataInUse = 3, PortInUse = 4;

var errors = new List<string>();
if (CommandLine.Parse(args, errors) is not { } line)
{
    errors.ForEach(Console.Error.WriteLine);
    return BadConfiguration;
}
if (line.Help)
{
    Console.WriteLine(CommandLine.Usage);
    return 0;
}
try
{
    var settings = NodeSettings.Read(line, Environment.GetEnvironmentVariable);
    return await new NodeProcess(settings, Ready).RunAsync();

    void Ready(NodeState node) => Console.WriteLine($"ready: kafka {node.Kafka}, http http://{node.Http}, data {settings.Data} ({node.Storage})");
}
catch (HoconException e)
{
    Console.Error.WriteLine(e.Explain());
    return BadConfiguration;
}
catch (DataDirectoryInUseException e)
{
    Console.Error.WriteLine(e.Message);
    return DataInUse;
}
catch (DataUnusableException e)
{
    Console.Error.WriteLine(e.Message);
    return Unusable;
}
catch (JournalUnavailableException e)
{
    Console.Error.WriteLine(e.InnerException is { } cause ? $"{e.Message} {cause.Message}" : e.Message);
    return Unusable;
}
catch (PortInUseException e)
{
    Console.Error.WriteLine(e.Message);
    return PortInUse;
}
