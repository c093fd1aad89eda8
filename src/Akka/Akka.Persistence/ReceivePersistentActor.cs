namespace Akka.Persistence;

/// <summary>A persistent actor whose handlers are declared by message type; the first that matches takes the message.</summary>
public abstract class ReceivePersistentActor : UntypedPersistentActor
{
    private readonly Handlers _recovery = new();
    private readonly Handlers _commands = new();
    private Handlers? _configured;

    private Handlers Commands => _configured ?? _commands;

    protected void Become(Action configure)
    {
        var handlers = Configure(configure);
        base.Become(message => Handle(handlers, message));
    }

    protected void BecomeStacked(Action configure)
    {
        var handlers = Configure(configure);
        base.BecomeStacked(message => Handle(handlers, message));
    }

    protected void Command<T>(Action<T> handler, Predicate<T>? shouldHandle = null) => Commands.Add(handler, shouldHandle);

    protected void Command<T>(Predicate<T> shouldHandle, Action<T> handler) => Commands.Add(handler, shouldHandle);

    protected void Command<T>(Func<T, bool> handler) => Commands.Add(handler);

    protected void Command(Action<object> handler) => Commands.Add(handler, null);

    protected void CommandAny(Action<object> handler) => Commands.Add(handler, null);

    protected void Recover<T>(Action<T> handler, Predicate<T>? shouldHandle = null) => _recovery.Add(handler, shouldHandle);

    protected void Recover<T>(Predicate<T> shouldHandle, Action<T> handler) => _recovery.Add(handler, shouldHandle);

    protected void Recover<T>(Func<T, bool> handler) => _recovery.Add(handler);

    protected void RecoverAny(Action<object> handler) => _recovery.Add(handler, null);

    protected sealed override bool ReceiveRecover(object message) => _recovery.TryHandle(message);

    protected sealed override bool ReceiveCommand(object message) => _commands.TryHandle(message);

    protected sealed override void OnCommand(object message) => Handle(_commands, message);

    protected sealed override void OnRecover(object message) => Handle(_recovery, message);

    private void Handle(Handlers handlers, object message)
    {
        if (!handlers.TryHandle(message)) Unhandled(message);
    }

    private Handlers Configure(Action configure)
    {
        var outer = _configured;
        var handlers = _configured = new Handlers();
        try
        {
            configure();
        }
        finally
        {
            _configured = outer;
        }
        return handlers;
    }

    private sealed class Handlers
    {
        private readonly List<Func<object, bool>> _handlers = [];

        public void Add<T>(Action<T> handler, Predicate<T>? shouldHandle) =>
            _handlers.Add(message =>
            {
                if (message is not T typed || shouldHandle?.Invoke(typed) == false) return false;
                handler(typed);
                return true;
            });

        public void Add<T>(Func<T, bool> handler) => _handlers.Add(message => message is T typed && handler(typed));

        public bool TryHandle(object message)
        {
            foreach (var handler in _handlers)
                if (handler(message)) return true;
            return false;
        }
    }
}
