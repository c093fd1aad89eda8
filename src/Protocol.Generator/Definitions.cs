using System.Collections.Generic;
using System.Linq;

namespace Actors.Protocol.Generator;

/// <summary>One message as its definition says.</summary>
internal sealed class MessageDefinition
{
    public string Kind = "";
    public string Name = "";
    public int? Key;
    public VersionRange Versions;
    public int FirstFlexible = VersionRange.Open;
    public bool LatestUnstable;
    public string Summary = "";
    public StructDefinition Body = new();

    /// <summary>Every structure below the body, in the order of its definition.</summary>
    public List<StructDefinition> Structs = new();

    public StructDefinition? FindStruct(string name) => Structs.FirstOrDefault(candidate => candidate.Name == name);
}

/// <summary>A message's body or a structure in it.</summary>
internal sealed class StructDefinition
{
    public string Name = "";
    public string ClassName = "";

    /// <summary>The class's name behind the message's, which no property of the same name hides.</summary>
    public string QualifiedName = "";
    public List<FieldDefinition> Fields = new();
}

internal sealed class FieldDefinition
{
    public string Name = "";

    /// <summary>The element's type where <see cref="IsArray"/>.</summary>
    public string Type = "";
    public bool IsArray;
    public VersionRange Versions;
    public VersionRange Nullable = VersionRange.None;
    public int? Tag;
    public string? Default;
    public bool Ignorable;

    /// <summary>Its length takes two bytes even where the message is flexible (RequestHeader's ClientId).</summary>
    public bool TwoByteLength;

    /// <summary>The type's definition where it is a structure.</summary>
    public StructDefinition? Struct;

    public bool IsNullable => !Nullable.IsEmpty;

    public bool DefaultsToNull => Default == "null" || (Type == "records" && !IsArray);
}
