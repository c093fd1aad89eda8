using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Actors.Protocol.Generator;

/// <summary>Turns every *.messages file of a project into message classes, and all of them into one table of APIs.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class MessageGenerator : IIncrementalGenerator
{
    private static readonly DiagnosticDescriptor Malformed = new(
        "AP0001", "Message definition", "{0}", "Protocol", DiagnosticSeverity.Error, isEnabledByDefault: true);

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var files = context.AdditionalTextsProvider
            .Where(file => file.Path.EndsWith(".messages", StringComparison.Ordinal))
            .Select((file, cancelled) => (file.Path, Text: file.GetText(cancelled)?.ToString() ?? ""));
        context.RegisterSourceOutput(files, static (output, file) => EmitFile(output, file.Path, file.Text));
        context.RegisterSourceOutput(files.Collect(), static (output, all) => EmitTable(output, all));
    }

    private static void EmitFile(SourceProductionContext output, string path, string text)
    {
        try
        {
            foreach (var message in NotationParser.Parse(text))
                output.AddSource($"{message.Name}.g.cs", SourceText.From(MessageEmitter.Emit(message), Encoding.UTF8));
        }
        catch (NotationError error)
        {
            var span = new LinePositionSpan(new LinePosition(error.Line, 0), new LinePosition(error.Line, 0));
            output.ReportDiagnostic(Diagnostic.Create(Malformed, Location.Create(path, default, span), error.Message));
        }
    }

    private static void EmitTable(SourceProductionContext output, ImmutableArray<(string Path, string Text)> files)
    {
        var messages = new List<MessageDefinition>();
        foreach (var file in files)
        {
            try
            {
                messages.AddRange(NotationParser.Parse(file.Text));
            }
            catch (NotationError)
            {
                // Reported where the file itself is emitted; a table without it only adds errors.
                return;
            }
        }

        if (messages.Any(message => message.Kind == "request"))
            output.AddSource("ApiVersionTable.g.cs", SourceText.From(MessageEmitter.EmitTable(messages), Encoding.UTF8));
    }
}
