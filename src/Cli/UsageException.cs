namespace Actors.Cli;

/// <summary>The command line makes no sense: exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The command was understood and could not be carried out: exit code 1. The message says what to do.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);
