namespace Actors.Expressions;

/// <summary>What a <see cref="Value"/> is: JSON's kinds, with integers and doubles apart, and raw bytes.</summary>
public enum ValueKind : byte
{
    Null,
    Boolean,
    Long,
    Double,
    String,
    Bytes,
    Array,
    Object,
}
