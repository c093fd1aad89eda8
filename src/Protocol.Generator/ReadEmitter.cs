namespace Actors.Protocol.Generator;

/// <summary>Emits what reads a message or structure: a private constructor that sets every field, from the bytes or to its default.</summary>
internal sealed class ReadEmitter
{
    private readonly CodeWriter _code;
    private readonly MessageDefinition _message;

    public ReadEmitter(CodeWriter code, MessageDefinition message)
    {
        _code = code;
        _message = message;
    }

    public void Emit(StructDefinition definition)
    {
        _code.Open($"private {definition.ClassName}(ref ProtocolReader r, short version)");
        _code.Line("var flexible = version >= FlexibleVersion;");
        foreach (var field in definition.Fields)
        {
            if (field.Tag is null) Field(definition, field);
            else _code.Line($"{field.Name} = {CSharpTypes.Default(field)};");
        }

        Tags(definition);
        _code.Close();
        _code.Line();
    }

    private void Field(StructDefinition definition, FieldDefinition field)
    {
        var test = field.Versions.Test(_message.Versions);
        if (field.IsArray)
        {
            if (test != "true") _code.Open($"if ({test})");
            else _code.Open("");
            Array(definition, field, "flexible");
            _code.Close();
            if (test != "true") _code.Line($"else {field.Name} = {CSharpTypes.Default(field)};");
            return;
        }

        var value = Value(definition, field, FlexibleOf(field));
        _code.Line(test == "true" ? $"{field.Name} = {value};" : $"{field.Name} = {test} ? {value} : {CSharpTypes.Default(field)};");
    }

    private void Array(StructDefinition definition, FieldDefinition field, string flexible)
    {
        var element = CSharpTypes.OfElement(field);
        _code.Line($"var count = r.ReadArrayLength({flexible}, {CSharpTypes.Text(CSharpTypes.SmallestElement(field, _message.Versions))});");
        var nullable = field.Nullable.Test(field.Versions.Intersect(_message.Versions));
        if (nullable == "true")
        {
            _code.Line($"if (count < 0) {field.Name} = null;");
            _code.Open("else");
        }
        else if (nullable == "false")
        {
            _code.Line($"if (count < 0) throw ProtocolReader.Null(\"{Path(definition, field)}\");");
        }
        else
        {
            _code.Line($"if (count < 0) {field.Name} = {nullable} ? null : throw ProtocolReader.Null(\"{Path(definition, field)}\");");
            _code.Open("else");
        }

        _code.Line($"var list = new List<{element}>(count);");
        _code.Line($"for (var index = 0; index < count; index++) list.Add({Plain(definition, field, flexible)});");
        _code.Line($"{field.Name} = list;");
        if (nullable != "false") _code.Close();
    }

    private void Tags(StructDefinition definition)
    {
        if (_message.FirstFlexible == VersionRange.Open) return;
        if (definition.Fields.TrueForAll(field => field.Tag is null))
        {
            _code.Line("if (flexible) r.SkipTags();");
            return;
        }

        _code.Line("if (!flexible) return;");
        _code.Open("for (var left = r.ReadUnsignedVarint(); left > 0; left--)");
        _code.Line("var tag = r.ReadTag(out var size);");
        _code.Line("var end = r.Consumed + size;");
        _code.Open("switch (tag)");
        foreach (var field in definition.Fields)
        {
            if (field.Tag is not { } tag) continue;
            var test = field.Versions.Test(_message.Versions);
            _code.Open(test == "true" ? $"case {tag}:" : $"case {tag} when {test}:");
            if (field.IsArray) Array(definition, field, "true");
            else _code.Line($"{field.Name} = {Value(definition, field, "true")};");
            _code.Line("break;");
            _code.Close();
        }

        _code.Open("default:");
        _code.Line("r.Skip(size);");
        _code.Line("break;");
        _code.Close();
        _code.Close();
        _code.Line("r.ExpectTagEnd(tag, end);");
        _code.Close();
    }

    /// <summary>The expression that reads a field that is no array, null included where its version allows it.</summary>
    private string Value(StructDefinition definition, FieldDefinition field, string flexible)
    {
        var plain = Plain(definition, field, flexible);
        var orNull = field.Type switch
        {
            "string" => $"r.ReadNullableString({flexible})",
            "bytes" => $"r.ReadNullableBytes({flexible})",
            "records" => $"r.ReadNullableRecords({flexible})",
            _ => $"r.ReadInt8() < 0 ? null : {plain}",
        };
        return field.Nullable.Test(field.Versions.Intersect(_message.Versions)) switch
        {
            "true" => field.Struct is null ? orNull : $"({orNull})",
            "false" => plain,
            var test => $"({test} ? {orNull} : {plain})",
        };
    }

    private static string Plain(StructDefinition definition, FieldDefinition field, string flexible)
    {
        if (CSharpTypes.FixedMethod(field.Type) is { } method) return $"r.Read{method}()";
        return field.Type switch
        {
            "string" => $"r.ReadString({flexible}, \"{Path(definition, field)}\")",
            "bytes" => $"r.ReadBytes({flexible}, \"{Path(definition, field)}\")",
            "records" => $"r.ReadRecords({flexible}, \"{Path(definition, field)}\")",
            _ => $"{field.Struct!.QualifiedName}.ReadBody(ref r, version)",
        };
    }

    private static string Path(StructDefinition definition, FieldDefinition field) => $"{definition.Name}.{field.Name}";

    private static string FlexibleOf(FieldDefinition field) => field.TwoByteLength ? "false" : "flexible";
}
