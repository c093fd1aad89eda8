using System;
using System.Globalization;
using System.Linq;

namespace Actors.Protocol.Generator;

/// <summary>How the protocol's types look in C#, and on the wire at their smallest.</summary>
internal static class CSharpTypes
{
    /// <summary>A property's type.</summary>
    public static string OfField(FieldDefinition field)
    {
        var type = field.IsArray ? $"List<{OfElement(field)}>" : OfElement(field);
        return field.IsNullable || field.DefaultsToNull ? type + "?" : type;
    }

    public static string OfElement(FieldDefinition field) => field.Type switch
    {
        "bool" => "bool",
        "int8" => "sbyte",
        "int16" => "short",
        "uint16" => "ushort",
        "int32" => "int",
        "uint32" => "uint",
        "int64" => "long",
        "float64" => "double",
        "string" => "string",
        "uuid" => "Guid",
        "bytes" => "byte[]",
        "records" => "RecordSet",
        _ => field.Struct!.QualifiedName,
    };

    /// <summary>What follows Read and Write in the names of the reader's and writer's methods, for types of a fixed size.</summary>
    public static string? FixedMethod(string type) => type switch
    {
        "bool" => "Boolean",
        "int8" => "Int8",
        "int16" => "Int16",
        "uint16" => "UInt16",
        "int32" => "Int32",
        "uint32" => "UInt32",
        "int64" => "Int64",
        "float64" => "Float64",
        "uuid" => "Uuid",
        _ => null,
    };

    /// <summary>The value that a new object has, and that a field has where its version lacks it.</summary>
    public static string Default(FieldDefinition field)
    {
        if (field.DefaultsToNull) return "null";
        if (field.IsArray) return $"new {OfField(field).TrimEnd('?')}()";
        return field.Type switch
        {
            "bool" => field.Default ?? "false",
            "string" => $"\"{field.Default}\"",
            "uuid" => "Guid.Empty",
            "bytes" => "Array.Empty<byte>()",
            "int8" or "int16" or "uint16" => $"({OfElement(field)}){field.Default ?? "0"}",
            "int32" or "uint32" or "int64" or "float64" => field.Default ?? "0",
            _ => $"new {field.Struct!.QualifiedName}()",
        };
    }

    /// <summary>The C# test whether the property holds anything but its default.</summary>
    public static string NotDefault(FieldDefinition field)
    {
        var name = field.Name;
        if (field.DefaultsToNull) return $"{name} is not null";
        if (field.IsArray) return field.IsNullable ? $"{name} is not {{ Count: 0 }}" : $"{name}.Count != 0";
        return field.Type switch
        {
            "bool" => field.Default == "true" ? $"!{name}" : name,
            "string" => $"{name} != \"{field.Default}\"",
            "bytes" => field.IsNullable ? $"{name} is not {{ Length: 0 }}" : $"{name}.Length != 0",
            _ when field.Struct is not null => field.IsNullable ? $"{name} is not {{ HoldsDefaults: true }}" : $"!{name}.HoldsDefaults",
            _ => $"{name} != {Default(field)}",
        };
    }

    /// <summary>The fewest bytes that an element of the field takes in any of the versions; at least one.</summary>
    public static int SmallestElement(FieldDefinition field, VersionRange versions) =>
        Enumerable.Range(versions.First, versions.Last - versions.First + 1).Min(version => SmallestElement(field, version));

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int SmallestElement(FieldDefinition field, int version) => Math.Max(1, field.Type switch
    {
        "bool" or "int8" => 1,
        "int16" or "uint16" => 2,
        "int32" or "uint32" => 4,
        "int64" or "float64" => 8,
        "uuid" => 16,
        "string" or "bytes" or "records" => 1,
        _ => field.Struct!.Fields.Where(inner => inner.Tag is null && inner.Versions.Contains(version)).Sum(inner => SmallestField(inner, version)),
    });

    private static int SmallestField(FieldDefinition field, int version) =>
        field.IsArray || (field.Struct is not null && field.IsNullable) ? 1 : SmallestElement(field, version);
}
