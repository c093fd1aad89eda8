namespace Akka.Streams.Supervision;

/// <summary>What happens to a stage whose function threw.</summary>
public enum Directive
{
    /// <summary>The stream fails.</summary>
    Stop,

    /// <summary>The element is dropped; the stage goes on with its state.</summary>
    Resume,

    /// <summary>The element is dropped; the stage goes on with a fresh state.</summary>
    Restart
}

/// <summary>Chooses the directive for an exception.</summary>
public delegate Directive Decider(Exception cause);

/// <summary>Deciders that always say the same.</summary>
public static class Deciders
{
    public static readonly Decider StoppingDecider = _ => Directive.Stop;
    public static readonly Decider ResumingDecider = _ => Directive.Resume;
    public static readonly Decider RestartingDecider = _ => Directive.Restart;
}
