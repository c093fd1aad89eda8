using System.Linq.Expressions;
using System.Reflection;

namespace Akka.Actor;

/// <summary>Makes actors in ways of its own.</summary>
public interface IIndirectActorProducer
{
    Type ActorType { get; }

    ActorBase Produce();

    void Release(ActorBase actor);
}

/// <summary>Where and on what an actor runs.</summary>
public class Deploy : IEquatable<Deploy>
{
    public static readonly Deploy Local = new();

    public static readonly Deploy None = Local;

    public static readonly string NoDispatcherGiven = null;

    public static readonly string NoMailboxGiven = null;

    public string Dispatcher { get; private init; }

    public string Mailbox { get; private init; }

    public virtual Deploy WithDispatcher(string dispatcher) => new() { Dispatcher = dispatcher, Mailbox = Mailbox };

    public virtual Deploy WithMailbox(string mailbox) => new() { Dispatcher = Dispatcher, Mailbox = mailbox };

    public bool Equals(Deploy other) => other is not null && Dispatcher == other.Dispatcher && Mailbox == other.Mailbox;

    public override bool Equals(object obj) => Equals(obj as Deploy);

    public override int GetHashCode() => HashCode.Combine(Dispatcher, Mailbox);
}

/// <summary>How to make an actor: an immutable recipe that is used again at each restart.</summary>
public class Props : IEquatable<Props>
{
    private static readonly object[] NoArguments = [];

    public static readonly Props None = new(typeof(NoActor), NoArguments);

    private readonly IIndirectActorProducer _producer;

    protected Props() : this(typeof(NoActor), NoArguments) { }

    protected Props(Props copy)
    {
        Type = copy.Type;
        Arguments = copy.Arguments;
        Deploy = copy.Deploy;
        SupervisorStrategy = copy.SupervisorStrategy;
        _producer = copy._producer;
    }

    public Props(Type type) : this(type, NoArguments) { }

    public Props(Type type, object[] args)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (!typeof(ActorBase).IsAssignableFrom(type)) throw new ArgumentException($"Type passed to Props must be an actor: {type}", nameof(type));
        Type = type;
        Arguments = args ?? [null];
        Deploy = Deploy.Local;
    }

    public Props(Type type, SupervisorStrategy supervisorStrategy, params object[] args) : this(type, args) => SupervisorStrategy = supervisorStrategy;

    private Props(IIndirectActorProducer producer)
    {
        Type = producer.ActorType;
        Arguments = NoArguments;
        Deploy = Deploy.Local;
        _producer = producer;
    }

    public static Props Empty { get; } = new(typeof(NoActor), NoArguments);

    public Type Type { get; private set; }

    public string TypeName => Type.AssemblyQualifiedName;

    public object[] Arguments { get; private set; }

    public Deploy Deploy { get; protected set; }

    public string Dispatcher => Deploy.Dispatcher ?? Dispatch.Dispatchers.DefaultDispatcherId;

    public string Mailbox => Deploy.Mailbox ?? Dispatch.Mailboxes.DefaultMailboxId;

    public SupervisorStrategy SupervisorStrategy { get; protected set; }

    /// <summary>The expression must be <c>() =&gt; new TActor(...)</c>; the arguments are evaluated now.</summary>
    public static Props Create<TActor>(Expression<Func<TActor>> factory, SupervisorStrategy supervisorStrategy = null) where TActor : ActorBase
    {
        if (factory.Body is not NewExpression created) throw new ArgumentException("The create function must be a 'new T (args)' expression");
        return new Props(created.Type, supervisorStrategy, created.Arguments.Select(Evaluate).ToArray());
    }

    public static Props Create<TActor>(params object[] args) where TActor : ActorBase => new(typeof(TActor), args);

    public static Props Create<TActor>(SupervisorStrategy supervisorStrategy) where TActor : ActorBase, new() => new(typeof(TActor), supervisorStrategy, NoArguments);

    public static Props Create(Type type, params object[] args) => new(type, args);

    public static Props CreateBy<TProducer>(params object[] args) where TProducer : class, IIndirectActorProducer =>
        new((IIndirectActorProducer)Activator.CreateInstance(typeof(TProducer), args));

    public static Props CreateBy(IIndirectActorProducer producer, params object[] args)
    {
        _ = args;
        return new Props(producer);
    }

    // Constants and captured variables are read directly; compiling an expression takes milliseconds.
    private static object Evaluate(Expression argument) => argument switch
    {
        ConstantExpression constant => constant.Value,
        MemberExpression { Member: FieldInfo field } member => field.GetValue(member.Expression is null ? null : Evaluate(member.Expression)),
        UnaryExpression { NodeType: ExpressionType.Convert, Method: null } convert when !convert.Type.IsValueType && !convert.Operand.Type.IsValueType => Evaluate(convert.Operand),
        _ => Expression.Lambda<Func<object>>(Expression.Convert(argument, typeof(object))).Compile(preferInterpretation: true)(),
    };

    public virtual ActorBase NewActor()
    {
        if (_producer is not null) return _producer.Produce();
        const BindingFlags any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;
        try
        {
            return (ActorBase)Activator.CreateInstance(Type, any | BindingFlags.OptionalParamBinding, binder: null, Arguments, culture: null);
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
        catch (MissingMethodException e)
        {
            throw new TypeLoadException($"Error while creating actor instance of type {Type} with {Arguments.Length} args: ({string.Join(", ", Arguments)})", e);
        }
    }

    protected virtual Props Copy() => new(this);

    public Props WithDispatcher(string dispatcher) => WithDeploy(Deploy.WithDispatcher(dispatcher));

    public Props WithMailbox(string mailbox) => WithDeploy(Deploy.WithMailbox(mailbox));

    public Props WithDeploy(Deploy deploy)
    {
        var copy = Copy();
        copy.Deploy = deploy;
        return copy;
    }

    public Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy)
    {
        var copy = Copy();
        copy.SupervisorStrategy = supervisorStrategy;
        return copy;
    }

    public bool Equals(Props other) =>
        other is not null && Type == other.Type && Deploy.Equals(other.Deploy) && Equals(_producer, other._producer) && Arguments.AsSpan().SequenceEqual(other.Arguments);

    public override bool Equals(object obj) => Equals(obj as Props);

    public override int GetHashCode() => HashCode.Combine(Type, Deploy);

    private sealed class NoActor : UntypedActor
    {
        protected override void OnReceive(object message) => Unhandled(message);
    }
}
