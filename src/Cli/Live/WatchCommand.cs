using System.CommandLine;
using Spectre.Console;

namespace Actors.Cli.Live;

/// <summary><c>actors groups watch</c>: who owns what, generation by generation, while members come and go.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan ComeAgain = TimeSpan.FromSeconds(1);

    public static Command Build(Terminal terminal)
    {
        var group = new Option<string>("--group", "-g") { Description = "The group's name.", HelpName = "group", Required = true };
        var http = NodeEvents.Http();
        var most = new Option<int?>("--max-generations") { Description = "End after so many assignments; without it, watch until interrupted.", HelpName = "n" };
        var plain = new Option<bool>("--plain") { Description = "Lines instead of a table, as when the output is no terminal." };
        var command = new ExampleCommand("watch", "Watch who owns what while members come and go.", "actors groups watch --group counting") { group, http, most, plain };
        command.SetAction(async (parsed, cancellation) =>
        {
            var watched = new WatchedGroup(parsed.GetValue(group)!);
            using var node = new NodeEvents(terminal, parsed.GetValue(http)!);
            var watch = new Watch(terminal, node, watched, parsed.GetValue(most));
            try
            {
                if (terminal.IsScreen && !parsed.GetValue(plain))
                    await watch.DrawAsync(cancellation);
                else
                    await watch.PrintAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // Interrupted: that is how watching ends.
            }
            return 0;
        });
        return command;
    }

    private sealed class Watch(Terminal terminal, NodeEvents node, WatchedGroup group, int? most)
    {
        private int _assignments;

        public async Task PrintAsync(CancellationToken cancellation) => await FollowAsync(lines =>
        {
            foreach (var line in lines) terminal.Line(line);
        }, cancellation);

        public async Task DrawAsync(CancellationToken cancellation)
        {
            using var output = new StreamWriter(terminal.Output, leaveOpen: true) { AutoFlush = true };
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
            await console.Live(GroupScreen.Draw(group)).StartAsync(context => FollowAsync(_ => context.UpdateTarget(GroupScreen.Draw(group)), cancellation));
        }

        /// <summary>Events, from the next address of the list when one goes away.</summary>
        private async Task FollowAsync(Action<IReadOnlyList<string>> show, CancellationToken cancellation)
        {
            while (true)
            {
                try
                {
                    await foreach (var happened in node.ListenAsync(cancellation))
                    {
                        var lines = group.Take(happened);
                        show(lines);
                        if (happened.Name == "assignment" && lines.Count > 0 && ++_assignments >= most) return;
                    }
                    Interrupted($"{node.Address} ended the stream");
                }
                catch (CommandFailedException error) when (group.State is not null)
                {
                    Interrupted(error.Message.Split('\n')[0]);
                }
                node.Next();
                await Task.Delay(ComeAgain, cancellation);
            }

            void Interrupted(string trouble)
            {
                group.Interrupt(trouble);
                show([trouble]);
            }
        }
    }
}
