using System;
using System.Collections.Generic;
using System.Linq;

namespace Actors.Protocol.Generator;

/// <summary>Emits what tells the errors of a response: its fields of error codes, and those of the structures in it.</summary>
internal static class ErrorEmitter
{
    public static void EmitResponse(CodeWriter code, StructDefinition body)
    {
        code.Line("/// <inheritdoc/>");
        Emit(code, "public", body);
    }

    /// <summary>Nothing where the structure has no errors.</summary>
    public static void EmitStruct(CodeWriter code, StructDefinition definition)
    {
        if (HasErrors(definition)) Emit(code, "internal", definition);
    }

    private static void Emit(CodeWriter code, string access, StructDefinition definition)
    {
        code.Open($"{access} void TellErrors(IErrorTally tally)");
        foreach (var field in definition.Fields.Where(IsError)) code.Line($"if ({field.Name} != 0) tally.Add((ErrorCode){field.Name});");
        foreach (var field in definition.Fields.Where(field => field.Struct is not null && HasErrors(field.Struct)))
        {
            var canBeNull = field.IsNullable || field.DefaultsToNull;
            if (field.IsArray) code.Line($"{(canBeNull ? $"if ({field.Name} is not null) " : "")}foreach (var element in {field.Name}) element.TellErrors(tally);");
            else code.Line($"{field.Name}{(canBeNull ? "?" : "")}.TellErrors(tally);");
        }

        code.Close();
        code.Line();
    }

    private static bool HasErrors(StructDefinition definition) =>
        definition.Fields.Any(field => IsError(field) || (field.Struct is not null && HasErrors(field.Struct)));

    /// <summary>A tagged one says why a part of an answer is left out, not that what was asked for failed.</summary>
    private static bool IsError(FieldDefinition field) =>
        field.Type == "int16" && !field.IsArray && field.Tag is null && field.Name.EndsWith("ErrorCode", StringComparison.Ordinal);
}
