using Actors.Client;
using Actors.Protocol.Records;
using Akka.Streams;
using Akka.Streams.Stage;

namespace Actors.Topology.Runtime;

/// <summary>What the stages tell the sink: to write what the task has put out, or to commit.</summary>
internal readonly record struct TaskStep(TopicPartition Partition, long NextOffset, bool IsCommit)
{
    public static readonly TaskStep Commit = new(default, 0, true);
}

/// <summary>
/// The task at work in its stream: takes chunks, runs their records through the operators and stores, and passes on that there is something to
/// write. Every commit interval in which it got on, and at its end, it asks for a commit; nothing is processed until that is done.
/// </summary>
internal sealed class ProcessStage(TopologyTask task, TaskProgress progress, TimeSpan commitInterval, TimeProvider time) : GraphStage<FlowShape<FetchedChunk, TaskStep>>
{
    private readonly Inlet<FetchedChunk> _in = new("process.in");
    private readonly Outlet<TaskStep> _out = new("process.out");

    public override FlowShape<FetchedChunk, TaskStep> Shape => new(_in, _out);

    protected override Attributes InitialAttributes => Attributes.CreateName("process");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, task, progress, commitInterval, time);

    private sealed class Logic : TimerGraphStageLogic, IInHandler, IOutHandler
    {
        private const string CommitTimer = "commit";

        private readonly Inlet<FetchedChunk> _in;
        private readonly Outlet<TaskStep> _out;
        private readonly TopologyTask _task;
        private readonly TaskProgress _progress;
        private readonly TimeSpan _commitInterval;
        private readonly TimeProvider _time;
        private bool _commitDue;

        public Logic(ProcessStage stage, TopologyTask task, TaskProgress progress, TimeSpan commitInterval, TimeProvider time) : base(stage.Shape)
        {
            (_in, _out, _task, _progress, _commitInterval, _time) = (stage._in, stage._out, task, progress, commitInterval, time);
            SetHandler(_in, this);
            SetHandler(_out, this);
        }

        public override void PreStart() => ScheduleRepeatedly(CommitTimer, _commitInterval);

        protected override void OnTimer(object timerKey)
        {
            _commitDue = _progress.Uncommitted;
            if (_commitDue && IsAvailable(_out)) PushCommit();
        }

        public void OnPull()
        {
            if (_commitDue) PushCommit();
            else if (IsAvailable(_in)) ProcessChunk();
            else if (IsClosed(_in)) Finish();
            else if (!HasBeenPulled(_in)) Pull(_in);
        }

        // A chunk that comes while the sink is busy with a commit stays where it is.
        public void OnPush()
        {
            if (IsAvailable(_out)) ProcessChunk();
        }

        private void PushCommit()
        {
            _commitDue = false;
            Push(_out, TaskStep.Commit);
        }

        private void ProcessChunk()
        {
            var chunk = Grab(_in);
            _task.WallClock = _time.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (var batch in chunk.Batches) ProcessBatch(chunk, batch.Bytes);
            _progress.Processed(chunk.Partition, chunk.NextOffset);
            _progress.Uncommitted = true;
            Push(_out, new TaskStep(chunk.Partition, chunk.NextOffset, false));
        }

        private void ProcessBatch(FetchedChunk chunk, ReadOnlyMemory<byte> batch)
        {
            using var records = new RecordBatchReader(batch);
            foreach (var record in records)
            {
                // A batch may begin before the offset asked for.
                if (record.Offset < chunk.Offset) continue;
                var (key, value) = (record.Key, record.Value);
                _task.Process(chunk.Partition.Topic, new InputRecord(key.GetValueOrDefault(), key.HasValue, value.GetValueOrDefault(), value.HasValue, record.Timestamp, record.Offset)
                {
                    Headers = HeadersOf(record.Headers),
                });
            }
        }

        private static IReadOnlyList<Expressions.RecordHeader> HeadersOf(RecordHeaders headers)
        {
            if (headers.Count == 0) return [];
            var read = new List<Expressions.RecordHeader>(headers.Count);
            foreach (var header in headers) read.Add(new Expressions.RecordHeader(header.Key, header.Value?.ToArray()));
            return read;
        }

        /// <summary>The stream is asked to end: what was processed is committed, a chunk that waits is left for the next time.</summary>
        public void OnUpstreamFinish()
        {
            if (IsAvailable(_out)) Finish();
        }

        private void Finish()
        {
            if (_progress.Uncommitted) Push(_out, TaskStep.Commit);
            CompleteStage();
        }

        public void OnUpstreamFailure(Exception e) => FailStage(e);

        public void OnDownstreamFinish(Exception cause) => InternalOnDownstreamFinish(cause);
    }
}
