using System.CommandLine;

namespace Actors.Cli.Completion;

/// <summary><c>actors completion bash</c>: a script that lets bash complete commands, flags and values, asking the program itself.</summary>
internal static class CompletionCommand
{
    /// <summary>The word that is being typed may hold an equals sign or a colon, at which bash cuts: only what follows is put in.</summary>
    private const string Bash = """
        # Completion of actors and of Kafka's tools for bash. To have it: source <(actors completion bash)
        _actors_complete() {
            local line=${COMP_LINE:0:COMP_POINT} word=${COMP_WORDS[COMP_CWORD]} words
            line=${line#"${line%%[![:space:]]*}"}
            [[ $line == *' '* ]] || return
            line=${line#* }
            words=$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null | grep -v '^[/-][?h]$') || return
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$words" -- "$word"))
        }
        complete -o default -o bashdefault -F _actors_complete actors NAMES
        """;

    public static Command Build(Terminal terminal)
    {
        var shell = new Argument<string>("shell") { Description = "The shell: bash." };
        shell.CompletionSources.Add("bash");
        var command = new ExampleCommand("completion", "Print a script that lets a shell complete commands, flags and values.", "source <(actors completion bash)") { shell };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(shell) != "bash") throw new UsageException($"{parsed.GetValue(shell)}: bash is meant; there is no completion for other shells");
            terminal.Line(Bash.Replace("NAMES", string.Join(' ', Tools.KafkaTools.Names.SelectMany(name => new[] { name, $"{name}.sh" }))));
            return 0;
        });
        return command;
    }
}
