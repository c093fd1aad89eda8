namespace Actors.Protocol;

/// <summary>A message cannot be written or read at the version asked for: the version does not exist, or a field that it lacks holds a value that must not be lost.</summary>
public sealed class UnsupportedVersionException : Exception
{
    public UnsupportedVersionException(string message) : base(message) { }

    internal static UnsupportedVersionException OfField(string message, string field, short version) =>
        new($"{message} version {version} has no field {field}, which holds a value other than its default.");

    internal static UnsupportedVersionException NotNullable(string message, string field, short version) =>
        new($"{message} version {version} cannot hold a null {field}.");

    internal static UnsupportedVersionException OfMessage(string message, short version, short min, short max) =>
        new($"{message} has versions {min} to {max}, not {version}.");
}
