namespace Akka.Remote.Transport;

/// <summary>Names the directions of a link that tests can cut.</summary>
public class ThrottleTransportAdapter
{
    private ThrottleTransportAdapter() { }

    /// <summary>As the node sees it whose link it is.</summary>
    public enum Direction
    {
        Send,
        Receive,
        Both,
    }
}
