using Akka.Streams.Stage;
using Akka.Streams.Supervision;

namespace Akka.Streams.Implementation.Stages;

/// <summary>A stage with one input and one output.</summary>
internal abstract class LinearStage<TIn, TOut> : GraphStage<FlowShape<TIn, TOut>>
{
    internal readonly Inlet<TIn> In;
    internal readonly Outlet<TOut> Out;
    private readonly string _name;

    protected LinearStage(string name)
    {
        _name = name;
        In = new Inlet<TIn>($"{name}.in");
        Out = new Outlet<TOut>($"{name}.out");
        Shape = new FlowShape<TIn, TOut>(In, Out);
    }

    public override FlowShape<TIn, TOut> Shape { get; }

    protected override Attributes InitialAttributes => Attributes.CreateName(_name);

    public override string ToString() => _name;
}

/// <summary>A linear stage's logic, which asks upstream when it is asked.</summary>
internal abstract class LinearLogic<TIn, TOut> : InAndOutGraphStageLogic
{
    protected readonly Inlet<TIn> In;
    protected readonly Outlet<TOut> Out;
    private readonly Decider _decider;

    protected LinearLogic(LinearStage<TIn, TOut> stage, Attributes attributes) : base(stage.Shape)
    {
        In = stage.In;
        Out = stage.Out;
        _decider = attributes.GetMandatoryAttribute<ActorAttributes.SupervisionStrategy>().Decider;
        SetHandlers(In, Out, this);
    }

    public override void OnPull() => Pull(In);

    /// <summary>Whether the stage goes on after a user's function threw; otherwise it has failed. The caller asks for the next element.</summary>
    protected bool Survives(Exception e)
    {
        switch (_decider(e))
        {
            case Directive.Stop:
                FailStage(e);
                return false;
            case Directive.Restart:
                Restart();
                return true;
            default:
                return true;
        }
    }

    protected virtual void Restart() { }

    protected void PullUnlessPulled()
    {
        if (!HasBeenPulled(In))
            TryPull(In);
    }
}
