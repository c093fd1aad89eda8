using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Actors.Protocol.Generator;

/// <summary>Reads the notation that src/Protocol/Messages/README.md describes: a line a field, structures by indentation.</summary>
internal sealed class NotationParser
{
    private const int Step = 2;

    private static readonly HashSet<string> Primitives = new(StringComparer.Ordinal)
    {
        "bool", "int8", "int16", "uint16", "int32", "uint32", "int64", "float64", "string", "uuid", "bytes", "records",
    };

    private static readonly HashSet<string> Kinds = new(StringComparer.Ordinal) { "request", "response", "header", "data" };

    private readonly List<MessageDefinition> _messages = new();

    /// <summary>What the next, deeper line belongs to, by indentation.</summary>
    private readonly Stack<StructDefinition?> _open = new();

    private readonly List<(FieldDefinition Field, int Line)> _unresolved = new();
    private MessageDefinition? _message;

    public static List<MessageDefinition> Parse(string text)
    {
        var parser = new NotationParser();
        var lines = text.Split('\n');
        for (var number = 0; number < lines.Length; number++)
        {
            var line = lines[number].TrimEnd();
            if (line.Length > 0 && line[0] != '#') parser.Line(line, number);
        }

        parser.CloseMessage();
        return parser._messages;
    }

    private void Line(string line, int number)
    {
        var indentation = line.Length - line.TrimStart(' ').Length;
        var words = line.Trim().Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries);
        if (line[0] == '|')
        {
            if (_message is null) throw new NotationError(number, "A summary stands below its message.");
            _message.Summary = line.Substring(1).Trim();
        }
        else if (indentation == 0)
        {
            CloseMessage();
            Message(words, number);
        }
        else
        {
            if (_message is null || indentation % Step != 0 || indentation / Step > _open.Count)
                throw new NotationError(number, $"An indentation of {indentation} has no structure above it.");
            while (_open.Count > indentation / Step) _open.Pop();
            if (words[0] == "struct") Struct(words, number);
            else Field(words, number);
        }
    }

    private void Message(string[] words, int number)
    {
        if (words.Length < 2 || !Kinds.Contains(words[0])) throw new NotationError(number, "A message begins with request, response, header or data, and its name.");
        _message = new MessageDefinition { Kind = words[0], Name = words[1] };
        _message.Body.Name = _message.Body.ClassName = words[1];
        for (var index = 2; index < words.Length; index++)
        {
            switch (words[index])
            {
                case "key":
                    _message.Key = Number(words, ++index, number);
                    break;
                case "versions":
                    _message.Versions = Range(words, ++index, number);
                    break;
                case "flexible":
                    _message.FirstFlexible = Range(words, ++index, number).First;
                    break;
                case "unstable":
                    _message.LatestUnstable = true;
                    break;
                default:
                    throw new NotationError(number, $"'{words[index]}' says nothing about a message.");
            }
        }

        if (!words.Contains("versions")) throw new NotationError(number, "A message has versions.");
        _messages.Add(_message);
        _open.Push(_message.Body);
    }

    private void Struct(string[] words, int number)
    {
        if (words.Length != 3) throw new NotationError(number, "A shared structure is 'struct', its name and its versions.");
        Range(words, 2, number);
        _open.Push(Add(words[1], number));
    }

    private void Field(string[] words, int number)
    {
        if (words.Length < 3) throw new NotationError(number, "A field is its name, its type and its versions.");
        var isArray = words[1].StartsWith("[]", StringComparison.Ordinal);
        var field = new FieldDefinition
        {
            Name = words[0],
            IsArray = isArray,
            Type = isArray ? words[1].Substring(2) : words[1],
            Versions = Range(words, 2, number),
        };
        foreach (var word in words.Skip(3)) Attribute(field, word, number);
        var owner = _open.Peek() ?? throw new NotationError(number, $"{words[0]} is indented below a field that has no fields.");
        owner.Fields.Add(field);
        if (Primitives.Contains(field.Type))
        {
            _open.Push(null);
        }
        else
        {
            // The lines below may define the structure; if none do it is a shared one.
            var definition = new StructDefinition { Name = field.Type };
            field.Struct = definition;
            _unresolved.Add((field, number));
            _open.Push(definition);
        }
    }

    private static void Attribute(FieldDefinition field, string word, int number)
    {
        var equals = word.IndexOf('=');
        var name = equals < 0 ? word : word.Substring(0, equals);
        var value = equals < 0 ? null : word.Substring(equals + 1);
        switch (name)
        {
            case "nullable":
                if (value is null) field.Nullable = field.Versions;
                else if (VersionRange.TryParse(value, out var versions)) field.Nullable = versions;
                else throw new NotationError(number, $"'{value}' is no range of versions.");
                break;
            case "tag" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var tag):
                field.Tag = tag;
                break;
            case "default" when value is not null:
                field.Default = value;
                break;
            case "ignorable" when value is null:
                field.Ignorable = true;
                break;
            case "two-byte-length" when value is null:
                field.TwoByteLength = true;
                break;
            default:
                throw new NotationError(number, $"'{word}' says nothing about a field.");
        }
    }

    private StructDefinition Add(string name, int number)
    {
        if (_message!.FindStruct(name) is not null) throw new NotationError(number, $"{_message.Name} has a structure {name} already.");
        var definition = new StructDefinition { Name = name };
        _message.Structs.Add(definition);
        return definition;
    }

    /// <summary>Finds what each field's structure is, now that all are known, and gives classes names that no member of theirs or of the message has.</summary>
    private void CloseMessage()
    {
        if (_message is null) return;
        foreach (var (field, line) in _unresolved)
        {
            if (field.Struct!.Fields.Count == 0) continue;
            if (_message.FindStruct(field.Type) is not null) throw new NotationError(line, $"{_message.Name} has a structure {field.Type} already.");
            _message.Structs.Add(field.Struct);
        }

        foreach (var (field, line) in _unresolved)
            field.Struct = _message.FindStruct(field.Type) ?? throw new NotationError(line, $"'{field.Type}' is no type and no structure of {_message.Name}.");
        foreach (var definition in _message.Structs)
        {
            var taken = _message.Body.Fields.Concat(definition.Fields).Any(field => field.Name == definition.Name);
            definition.ClassName = taken ? definition.Name + "Data" : definition.Name;
            definition.QualifiedName = $"{_message.Name}.{definition.ClassName}";
        }

        _unresolved.Clear();
        _open.Clear();
        _message = null;
    }

    private static int Number(string[] words, int index, int line) =>
        index < words.Length && int.TryParse(words[index], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new NotationError(line, $"A number is missing after '{words[index - 1]}'.");

    private static VersionRange Range(string[] words, int index, int line) =>
        index < words.Length && VersionRange.TryParse(words[index], out var range)
            ? range
            : throw new NotationError(line, $"A range of versions is missing after '{words[index - 1]}'.");
}
