namespace Actors.Ownership.Tests;

/// <summary>The renewals of a thread that can be made to stand still.</summary>
internal sealed class StallingRenewals
{
    private readonly ManualResetEventSlim _open = new(true);

    public IRenewals Around(IRenewals inner) => new Gated(inner, _open);

    public void Stall() => _open.Reset();

    public void Resume() => _open.Set();

    private sealed class Gated(IRenewals inner, ManualResetEventSlim open) : IRenewals
    {
        public bool Renew(long uid)
        {
            open.Wait();
            return inner.Renew(uid);
        }

        public IReadOnlyList<NodeRow> ReadNodes()
        {
            open.Wait();
            return inner.ReadNodes();
        }

        public void Dispose()
        {
            open.Set();
            inner.Dispose();
        }
    }
}
