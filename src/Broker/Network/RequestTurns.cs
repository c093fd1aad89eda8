using Actors.Protocol.Messages;

namespace Actors.Broker.Network;

/// <summary>
/// When each of a connection's requests is begun: at once, and in order, as long as few enough answers are kept for a client that does not read them, or are being
/// made. Fetches begin one after the other, each once the answer before it was taken: else an answer's records would be kept for each of them.
/// Used only inside the connection's actor.
/// </summary>
/// <param name="mayFetch">False while an answer is on its way to the client.</param>
/// <param name="begin">Dispatches the request.</param>
internal sealed class RequestTurns(Func<bool> mayFetch, Action<ReceivedRequest, Exchange> begin)
{
    /// <summary>Nothing is begun while answers of more bytes than this are kept.</summary>
    private const long MostKept = 1 << 20;

    /// <summary>Nor while so many requests are worked on whose answers may be large: those of records to append are small beside their requests, which are bounded.</summary>
    private const int MostOpen = 64;

    private readonly Queue<(ReceivedRequest Received, Exchange Exchange)> _waiting = new();
    private readonly Queue<(ReceivedRequest Received, Exchange Exchange)> _fetches = new();
    private bool _beginning;
    private bool _fetching;
    private long _kept;
    private int _open;

    public void Add(ReceivedRequest received, Exchange exchange) => (received.Request is FetchRequest ? _fetches : _waiting).Enqueue((received, exchange));

    /// <summary>Begins what may begin now.</summary>
    public void Begin()
    {
        // What is answered at once comes here again.
        if (_beginning)
            return;
        _beginning = true;
        while (BeginNext() || BeginFetch())
        {
        }
        _beginning = false;
    }

    /// <summary>The request's answer is made, and is kept until it is written.</summary>
    public void Answered(Exchange exchange)
    {
        if (exchange.Request is FetchRequest)
            return;
        if (exchange.Request is not ProduceRequest)
            _open--;
        _kept += exchange.Encoded?.Length ?? 0;
    }

    /// <summary>The answer is about to be written.</summary>
    public void Written(Exchange exchange)
    {
        if (exchange.Request is FetchRequest)
            _fetching = false;
        else
            _kept -= exchange.Encoded?.Length ?? 0;
    }

    /// <summary>Nothing that waits is begun any more.</summary>
    public void Clear()
    {
        _waiting.Clear();
        _fetches.Clear();
    }

    private bool BeginNext()
    {
        if (_kept > MostKept || _open >= MostOpen || !_waiting.TryDequeue(out var next))
            return false;
        if (next.Received.Request is not ProduceRequest)
            _open++;
        begin(next.Received, next.Exchange);
        return true;
    }

    private bool BeginFetch()
    {
        if (_fetching || !mayFetch() || !_fetches.TryDequeue(out var next))
            return false;
        _fetching = true;
        begin(next.Received, next.Exchange);
        return true;
    }
}
