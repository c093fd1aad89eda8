namespace Akka.Streams;

/// <summary>What is said about a graph besides its ports: names, buffer sizes, strategies. Later, more specific ones win.</summary>
public sealed class Attributes
{
    /// <summary>One attribute.</summary>
    public interface IAttribute;

    /// <summary>An attribute that the materializer always has a value for.</summary>
    public interface IMandatoryAttribute : IAttribute;

    /// <summary>A graph's name.</summary>
    public sealed class Name : IAttribute, IEquatable<Name>
    {
        public readonly string Value;

        public Name(string value)
        {
            if (string.IsNullOrEmpty(value))
                throw new ArgumentNullException(nameof(value), "Name attribute cannot be empty");
            Value = value;
        }

        public bool Equals(Name? other) => other is not null && other.Value == Value;
        public override bool Equals(object? obj) => Equals(obj as Name);
        public override int GetHashCode() => Value.GetHashCode();
        public override string ToString() => $"Name({Value})";
    }

    /// <summary>How many elements an asynchronous boundary holds.</summary>
    public sealed class InputBuffer : IMandatoryAttribute, IEquatable<InputBuffer>
    {
        public readonly int Initial;
        public readonly int Max;

        public InputBuffer(int initial, int max)
        {
            Initial = initial;
            Max = max;
        }

        public bool Equals(InputBuffer? other) => other is not null && other.Initial == Initial && other.Max == Max;
        public override bool Equals(object? obj) => Equals(obj as InputBuffer);
        public override int GetHashCode() => HashCode.Combine(Initial, Max);
        public override string ToString() => $"InputBuffer(initial={Initial}, max={Max})";
    }

    /// <summary>The graph runs in an actor of its own.</summary>
    public sealed class AsyncBoundary : IAttribute, IEquatable<AsyncBoundary>
    {
        public static readonly AsyncBoundary Instance = new();

        private AsyncBoundary() { }

        public bool Equals(AsyncBoundary? other) => other is not null;
        public override bool Equals(object? obj) => obj is AsyncBoundary;
        public override int GetHashCode() => 1;
        public override string ToString() => "AsyncBoundary";
    }

    /// <summary>The system runs on the thread that tells.</summary>
    internal sealed class CallingThread : IAttribute
    {
        public static readonly CallingThread Instance = new();

        private CallingThread() { }

        public override string ToString() => "CallingThread";
    }

    public static readonly Attributes None = new();

    private readonly IAttribute[] _attributes;

    public Attributes(params IAttribute[] attributes) => _attributes = attributes;

    /// <summary>From the least to the most specific.</summary>
    public IEnumerable<IAttribute> AttributeList => _attributes;

    public static Attributes CreateName(string name) =>
        string.IsNullOrEmpty(name) ? None : new Attributes(new Name(name));

    public static Attributes CreateInputBuffer(int initial, int max) => new(new InputBuffer(initial, max));

    public static Attributes CreateAsyncBoundary() => new(AsyncBoundary.Instance);

    /// <summary>These attributes and, more specific, the others.</summary>
    public Attributes And(Attributes other) =>
        _attributes.Length == 0 ? other : other._attributes.Length == 0 ? this : new Attributes([.. _attributes, .. other._attributes]);

    public Attributes And(IAttribute other) => new([.. _attributes, other]);

    public bool Contains<TAttr>(TAttr attribute) where TAttr : IAttribute => Array.IndexOf(_attributes, attribute) >= 0;

    /// <summary>The most specific attribute of the type, or the default.</summary>
    public TAttr? GetAttribute<TAttr>(TAttr? defaultIfNotFound) where TAttr : class, IAttribute => GetAttribute<TAttr>() ?? defaultIfNotFound;

    /// <summary>The most specific attribute of the type, or null.</summary>
    public TAttr? GetAttribute<TAttr>() where TAttr : class, IAttribute
    {
        for (var i = _attributes.Length - 1; i >= 0; i--)
            if (_attributes[i] is TAttr attribute)
                return attribute;
        return null;
    }

    public IEnumerable<TAttr> GetAttributeList<TAttr>() where TAttr : IAttribute => _attributes.OfType<TAttr>();

    /// <summary>The most specific attribute of a type that always has a value.</summary>
    public TAttr GetMandatoryAttribute<TAttr>() where TAttr : class, IMandatoryAttribute =>
        GetAttribute<TAttr>() ?? throw new ArgumentException($"Mandatory attribute [{typeof(TAttr)}] not found");

    public string GetNameOrDefault(string defaultIfNotFound = "unknown-operation") => GetAttribute<Name>()?.Value ?? defaultIfNotFound;

    public override string ToString() => $"Attributes({string.Join(", ", (object[])_attributes)})";

    /// <summary>How tasks that a stream completes go on: not on the pool where everything runs on one thread, such as in a simulation.</summary>
    internal TaskCreationOptions Continuations => GetAttribute<CallingThread>() is null ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None;

    internal Attributes WithoutAsyncBoundary() =>
        Contains(AsyncBoundary.Instance) ? new Attributes([.. _attributes.Where(a => a is not AsyncBoundary)]) : this;
}

/// <summary>Attributes that say how the actors of a stream behave.</summary>
public static class ActorAttributes
{
    /// <summary>What a stage does when a user's function throws.</summary>
    public sealed class SupervisionStrategy : Attributes.IMandatoryAttribute
    {
        public readonly Supervision.Decider Decider;

        public SupervisionStrategy(Supervision.Decider decider) => Decider = decider;

        public override string ToString() => "SupervisionStrategy";
    }

    /// <summary>The dispatcher of a stream's actors.</summary>
    public sealed class Dispatcher : Attributes.IMandatoryAttribute, IEquatable<Dispatcher>
    {
        public readonly string Name;

        public Dispatcher(string name) => Name = name;

        public bool Equals(Dispatcher? other) => other is not null && other.Name == Name;
        public override bool Equals(object? obj) => Equals(obj as Dispatcher);
        public override int GetHashCode() => Name.GetHashCode();
        public override string ToString() => $"Dispatcher({Name})";
    }

    public static Attributes CreateSupervisionStrategy(Supervision.Decider strategy) => new(new SupervisionStrategy(strategy));

    public static Attributes CreateDispatcher(string dispatcherName) => new(new Dispatcher(dispatcherName));
}
