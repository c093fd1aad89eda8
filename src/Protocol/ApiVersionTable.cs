using System.Diagnostics.CodeAnalysis;

namespace Actors.Protocol;

/// <summary>An API as its messages are defined: which versions the codec knows (a broker may serve fewer) and how their headers are written.</summary>
/// <param name="Key">The API's key.</param>
/// <param name="MinVersion">The first version defined.</param>
/// <param name="MaxVersion">The last version defined, a stable one or not.</param>
/// <param name="FlexibleVersion">The first version with compact lengths and tagged fields, <see cref="short.MaxValue"/> if none.</param>
/// <param name="LatestVersionUnstable">The last version may still change: encode it, but do not advertise it.</param>
public sealed record ApiDefinition(ApiKey Key, short MinVersion, short MaxVersion, short FlexibleVersion, bool LatestVersionUnstable)
{
    public bool Defines(short version) => version >= MinVersion && version <= MaxVersion;

    /// <summary>The version of <see cref="Messages.RequestHeader"/> before a request of that version.</summary>
    public short RequestHeaderVersion(short version) => version >= FlexibleVersion ? (short)2 : (short)1;

    /// <summary>The version of <see cref="Messages.ResponseHeader"/>: always 0 for ApiVersions, whose asker does not know yet what it may be answered with (KIP-511).</summary>
    public short ResponseHeaderVersion(short version) => version >= FlexibleVersion && Key != ApiKey.ApiVersions ? (short)1 : (short)0;
}

/// <summary>The APIs whose messages are defined here, and their readers by key. Built from the definitions in Messages/.</summary>
public static partial class ApiVersionTable
{
    private static readonly ApiDefinition?[] ByKey = Index();

    /// <summary>In the order of their keys.</summary>
    public static IReadOnlyList<ApiDefinition> All { get; } = Array.AsReadOnly(ByKey.OfType<ApiDefinition>().ToArray());

    public static bool TryFind(ApiKey key, [NotNullWhen(true)] out ApiDefinition? definition)
    {
        definition = (uint)key < (uint)ByKey.Length ? ByKey[(int)key] : null;
        return definition is not null;
    }

    /// <exception cref="UnsupportedVersionException">No messages of that key are defined.</exception>
    public static ApiDefinition Of(ApiKey key) => TryFind(key, out var definition) ? definition : throw Unknown(key);

    private static ApiDefinition?[] Index()
    {
        var definitions = Definitions();
        var byKey = new ApiDefinition?[(int)definitions.Max(definition => definition.Key) + 1];
        foreach (var definition in definitions) byKey[(int)definition.Key] = definition;
        return byKey;
    }

    private static UnsupportedVersionException Unknown(ApiKey key) => new($"There is no API of key {(short)key} here.");
}
