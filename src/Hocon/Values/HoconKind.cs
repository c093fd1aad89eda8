namespace Actors.Hocon;

/// <summary>The kinds of value. A scalar's kind says how it was written; the getters convert between text and the rest.</summary>
public enum HoconKind
{
    Object,
    List,
    String,
    Number,
    Boolean,
    Null,
}
