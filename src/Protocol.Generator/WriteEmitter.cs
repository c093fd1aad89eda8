using System.Collections.Generic;
using System.Linq;

namespace Actors.Protocol.Generator;

/// <summary>Emits what writes a message or structure, field by field, and refuses to lose what a version cannot hold.</summary>
internal sealed class WriteEmitter
{
    private readonly CodeWriter _code;
    private readonly MessageDefinition _message;

    public WriteEmitter(CodeWriter code, MessageDefinition message)
    {
        _code = code;
        _message = message;
    }

    public void Emit(StructDefinition definition)
    {
        _code.Open("internal void WriteBody(ProtocolWriter w, short version)");
        _code.Line("var flexible = version >= FlexibleVersion;");
        foreach (var field in definition.Fields)
        {
            var test = field.Versions.Test(_message.Versions);
            if (field.Tag is null)
            {
                if (test != "true") _code.Open($"if ({test})");
                Value(field, field.TwoByteLength ? "false" : "flexible");
                if (test != "true") _code.Close();
            }

            if (test == "true" || field.Ignorable) continue;
            _code.Line($"{(field.Tag is null ? "else " : "")}if ({(field.Tag is null ? "" : $"!({test}) && ")}{CSharpTypes.NotDefault(field)}) {Refuse("OfField", field)}");
        }

        if (_message.FirstFlexible != VersionRange.Open) Tags(definition);
        _code.Close();
        _code.Line();
    }

    private void Tags(StructDefinition definition)
    {
        var tagged = definition.Fields.Where(field => field.Tag is not null).OrderBy(field => field.Tag).ToList();
        if (tagged.Count == 0)
        {
            _code.Line("if (flexible) w.WriteUnsignedVarint(0);");
            return;
        }

        _code.Line("if (!flexible) return;");
        _code.Line($"var tags = {string.Join(" + ", tagged.Select(field => $"({Present(field)} ? 1u : 0u)"))};");
        _code.Line("w.WriteUnsignedVarint(tags);");
        foreach (var field in tagged)
        {
            _code.Open($"if ({Present(field)})");
            _code.Line($"var start = w.BeginTag({field.Tag});");
            Value(field, "true");
            _code.Line("w.EndTag(start);");
            _code.Close();
        }
    }

    /// <summary>Writes the property; a null that the version does not allow is refused.</summary>
    private void Value(FieldDefinition field, string flexible)
    {
        var here = field.Versions.Intersect(_message.Versions);
        var nullable = field.Nullable.Test(here);
        var canBeNull = field.IsNullable || field.DefaultsToNull;
        if (canBeNull && nullable != "true")
            _code.Line($"if ({field.Name} is null{(nullable == "false" ? "" : $" && !({nullable})")}) {Refuse("NotNullable", field)}");

        if (field.IsArray)
        {
            var unsure = canBeNull;
            if (unsure)
            {
                _code.Line($"if ({field.Name} is null) w.WriteArrayLength(-1, {flexible});");
                _code.Open("else");
            }

            _code.Line($"w.WriteArrayLength({field.Name}.Count, {flexible});");
            _code.Line($"foreach (var element in {field.Name}) {Plain(field, "element", flexible)};");
            if (unsure) _code.Close();
        }
        else if (field.Struct is not null && canBeNull)
        {
            // Where null is not allowed there is no byte that says so.
            var marks = nullable == "true" ? "" : nullable == "false" ? null : $"if ({nullable}) ";
            if (marks is not null) _code.Line($"{marks}w.WriteInt8({field.Name} is null ? (sbyte)-1 : (sbyte)1);");
            _code.Line($"{field.Name}?.WriteBody(w, version);");
        }
        else
        {
            _code.Line(canBeNull ? OrNull(field, flexible) : Plain(field, field.Name, flexible) + ";");
        }
    }

    private static string OrNull(FieldDefinition field, string flexible) => field.Type switch
    {
        "string" => $"w.WriteNullableString({field.Name}, {flexible});",
        "bytes" => $"w.WriteNullableBytes({field.Name}, {flexible});",
        _ => $"w.WriteNullableRecords({field.Name}, {flexible});",
    };

    private static string Plain(FieldDefinition field, string value, string flexible)
    {
        if (CSharpTypes.FixedMethod(field.Type) is { } method) return $"w.Write{method}({value})";
        return field.Type switch
        {
            "string" => $"w.WriteString({value}, {flexible})",
            "bytes" => $"w.WriteBytes({value}, {flexible})",
            "records" => $"w.WriteRecords({value}, {flexible})",
            _ => $"{value}.WriteBody(w, version)",
        };
    }

    private string Present(FieldDefinition field)
    {
        var test = field.Versions.Test(_message.Versions.Intersect(Flexible()));
        return test == "true" ? CSharpTypes.NotDefault(field) : $"{test} && {CSharpTypes.NotDefault(field)}";
    }

    private VersionRange Flexible() => VersionRange.TryParse($"{_message.FirstFlexible}+", out var flexible) ? flexible : VersionRange.None;

    private string Refuse(string why, FieldDefinition field) => $"throw UnsupportedVersionException.{why}(\"{_message.Name}\", \"{field.Name}\", version);";
}
