using Actors.Client;
using Akka.Streams;
using Akka.Streams.Stage;

namespace Actors.Topology.Runtime;

/// <summary>The chunks that a fetcher brings, one at each demand. The fetcher reads ahead, within its own bound.</summary>
internal sealed class FetchSource(Fetcher fetcher) : GraphStage<SourceShape<FetchedChunk>>
{
    private readonly Outlet<FetchedChunk> _out = new("fetch.out");

    public override SourceShape<FetchedChunk> Shape => new(_out);

    protected override Attributes InitialAttributes => Attributes.CreateName("fetch");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, fetcher);

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly Outlet<FetchedChunk> _out;
        private readonly Fetcher _fetcher;
        private readonly CancellationTokenSource _ended = new();
        private readonly Action<Task<FetchedChunk>> _arrived;

        public Logic(SourceShape<FetchedChunk> shape, Fetcher fetcher) : base(shape)
        {
            _out = shape.Outlet;
            _fetcher = fetcher;
            _arrived = GetAsyncCallback<Task<FetchedChunk>>(Arrived);
            SetHandler(_out, this);
        }

        public override void OnPull()
        {
            if (_fetcher.TryRead(out var chunk)) Push(_out, chunk);
            else _fetcher.ReadAsync(_ended.Token).AsTask().ContinueWith(_arrived, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        private void Arrived(Task<FetchedChunk> chunk)
        {
            if (chunk.IsCompletedSuccessfully) Push(_out, chunk.Result);
            else FailStage(chunk.Exception?.GetBaseException() ?? new TaskCanceledException(chunk));
        }

        public override void PostStop()
        {
            _ended.Cancel();
            _ended.Dispose();
        }
    }
}
