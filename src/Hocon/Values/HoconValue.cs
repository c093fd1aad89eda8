namespace Actors.Hocon;

/// <summary>A resolved value: an object, a list or a scalar. Immutable. The getters convert, and fail with position, path and reason.</summary>
public abstract class HoconValue
{
    private protected HoconValue(HoconPosition position, string path)
    {
        Position = position;
        Path = path;
    }

    /// <summary>Where the value was written; for merged objects the strongest one, for environment variables the substitution.</summary>
    public HoconPosition Position { get; }

    /// <summary>Where it stands in the resolved tree, such as <c>a.b[2]."c d"</c>; empty for the root.</summary>
    public string Path { get; }

    public abstract HoconKind Kind { get; }

    /// <summary>The text of a scalar other than null, as written.</summary>
    /// <exception cref="HoconException">It is something else.</exception>
    public string GetString() => Conversion.Text(this).OrThrow(this);

    /// <summary><c>true</c>, <c>yes</c>, <c>on</c> or <c>false</c>, <c>no</c>, <c>off</c>.</summary>
    /// <exception cref="HoconException">It is something else.</exception>
    public bool GetBoolean() => Conversion.Boolean(this).OrThrow(this);

    /// <summary>A whole number within the bounds, both included.</summary>
    /// <exception cref="HoconException">It is something else, or out of bounds.</exception>
    public int GetInt(int min = int.MinValue, int max = int.MaxValue) => (int)Conversion.Integer(this, min, max).OrThrow(this);

    /// <summary>A whole number within the bounds, both included.</summary>
    /// <exception cref="HoconException">It is something else, or out of bounds.</exception>
    public long GetLong(long min = long.MinValue, long max = long.MaxValue) => Conversion.Integer(this, min, max).OrThrow(this);

    /// <summary>A finite number within the bounds, both included.</summary>
    /// <exception cref="HoconException">It is something else, or out of bounds.</exception>
    public double GetDouble(double min = double.MinValue, double max = double.MaxValue) => Conversion.Real(this, min, max).OrThrow(this);

    /// <summary>A duration such as <c>10s</c> or <c>1.5 hours</c>, to 100 ns; a bare number counts milliseconds. Bounds included; no bound given means not negative.</summary>
    /// <exception cref="HoconException">It is something else, or out of bounds.</exception>
    public TimeSpan GetDuration(TimeSpan? min = null, TimeSpan? max = null) => Conversion.Duration(this, min ?? TimeSpan.Zero, max ?? TimeSpan.MaxValue).OrThrow(this);

    /// <summary>A size in bytes such as <c>128k</c>, <c>1 MiB</c> (powers of 1024) or <c>1 MB</c> (powers of 1000); a bare number counts bytes. Bounds included.</summary>
    /// <exception cref="HoconException">It is something else, or out of bounds.</exception>
    public long GetBytes(long min = 0, long max = long.MaxValue) => Conversion.Bytes(this, min, max).OrThrow(this);

    /// <summary>One of an enumeration's names in kebab-case (<c>AtLeastOnce</c> is <c>at-least-once</c>).</summary>
    /// <exception cref="HoconException">It is something else.</exception>
    public T GetEnum<T>() where T : struct, Enum => Conversion.OneOf<T>(this).OrThrow(this);

    /// <summary>The value as an object.</summary>
    /// <exception cref="HoconException">It is something else.</exception>
    public HoconObject GetObject() => Conversion.Object(this).OrThrow(this);

    /// <summary>The elements of a list, in order; of an object whose keys are numbers, its values in the order of those.</summary>
    /// <exception cref="HoconException">It is something else.</exception>
    public IReadOnlyList<HoconValue> GetList() => Conversion.List(this).OrThrow(this);

    /// <summary>An error about this value, to be thrown or collected.</summary>
    public HoconError Error(string reason) => new(Position, Path, reason);

    public override string ToString() => HoconPrinter.ToPlain(this);
}

/// <summary>A scalar: text, number, boolean or null, with its text as written.</summary>
public sealed class HoconScalar : HoconValue
{
    internal HoconScalar(HoconPosition position, string path, string text, HoconKind kind) : base(position, path)
    {
        Text = text;
        Kind = kind;
    }

    /// <summary>The text, without quotes; <c>null</c> for null.</summary>
    public string Text { get; }
    public override HoconKind Kind { get; }
}

/// <summary>A list, in the order written.</summary>
public sealed class HoconArray : HoconValue, IReadOnlyList<HoconValue>
{
    private readonly IReadOnlyList<HoconValue> _items;

    internal HoconArray(HoconPosition position, string path, IReadOnlyList<HoconValue> items) : base(position, path) => _items = items;

    public override HoconKind Kind => HoconKind.List;
    public int Count => _items.Count;
    public HoconValue this[int index] => _items[index];
    public IEnumerator<HoconValue> GetEnumerator() => _items.GetEnumerator();
    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}
