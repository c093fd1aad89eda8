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
/// write. A commit is asked for one commit interval after the first record that none covers, and at the end; it goes before all further records, and
/// nothing is processed until it is done.
/// </summary>
internal sealed class ProcessStage(TopologyTask task, TaskProgress progress, TimeSpan commitInterval, TimeProvider time) : GraphStage<FlowShape<FetchedChunk, TaskStep>>
{
    /// <summary>A chunk is processed in parts that end with the batch that has brought them so many records: between two parts a commit may go.</summary>
    private const int RecordsInPart = 1000;

    /// <summary>After so many records the clock is asked whether a commit is due, which ends a part within a batch too: batches are as long as clients like.</summary>
    private const int RecordsBetweenLooks = 256;

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
        private FetchedChunk? _chunk;
        private int _nextBatch;
        private long _nextOffset;
        private bool _committing;
        private bool _counting;
        private StreamsException? _failure;
        private bool _committedForFailure;
        private long _countingSince;

        public Logic(ProcessStage stage, TopologyTask task, TaskProgress progress, TimeSpan commitInterval, TimeProvider time) : base(stage.Shape)
        {
            (_in, _out, _task, _progress, _commitInterval, _time) = (stage._in, stage._out, task, progress, commitInterval, time);
            SetHandler(_in, this);
            SetHandler(_out, this);
        }

        /// <summary>Under load the timer's message waits behind a long run of the stream: there the clock is asked before each part.</summary>
        private bool IsCommitDue => _counting && _time.GetElapsedTime(_countingSince) >= _commitInterval;

        protected override void OnTimer(object timerKey)
        {
            if (_counting && !_committing && IsAvailable(_out)) PushCommit();
        }

        public void OnPull()
        {
            if (_committing) EndCommit();
            if (_failure is not null) Fail(_failure);
            else if (IsClosed(_in)) Finish();
            else if (IsCommitDue) PushCommit();
            else if (_chunk is not null) ProcessPart();
            else if (IsAvailable(_in)) ProcessChunk();
            else if (!HasBeenPulled(_in)) Pull(_in);
        }

        // A chunk that comes while the sink is busy with a commit stays where it is.
        public void OnPush()
        {
            if (IsAvailable(_out)) ProcessChunk();
        }

        private void PushCommit()
        {
            CancelTimer(CommitTimer);
            (_counting, _committing) = (false, true);
            Push(_out, TaskStep.Commit);
        }

        /// <summary>What lies before a record that cannot be read is committed first, so that a new start does none of it again.</summary>
        private void Fail(StreamsException failure)
        {
            if (_progress.Uncommitted && failure.BeforeProcessing && !_committedForFailure)
            {
                _committedForFailure = true;
                PushCommit();
            }
            else FailStage(failure);
        }

        private void EndCommit()
        {
            _committing = false;
            // One that the group did not take is asked for again.
            if (_progress.Uncommitted) CountDown();
        }

        private void CountDown()
        {
            if (_counting) return;
            (_counting, _countingSince) = (true, _time.GetTimestamp());
            ScheduleOnce(CommitTimer, _commitInterval);
        }

        private void ProcessChunk()
        {
            (_chunk, _nextBatch) = (Grab(_in), 0);
            _nextOffset = _chunk.Offset;
            ProcessPart();
        }

        private void ProcessPart()
        {
            var chunk = _chunk!;
            CountDown();
            _progress.Uncommitted = true;
            _task.WallClock = _time.GetUtcNow().ToUnixTimeMilliseconds();
            var records = 0;
            while (_nextBatch < chunk.Batches.Count && records < RecordsInPart)
            {
                var batch = chunk.Batches[_nextBatch];
                if (!ProcessBatch(chunk.Partition.Topic, batch.Bytes)) break;
                records += batch.Header.RecordCount;
                _nextOffset = batch.Header.NextOffset;
                _nextBatch++;
            }
            if (_nextBatch == chunk.Batches.Count) (_chunk, _nextOffset) = (null, chunk.NextOffset);
            _progress.Processed(chunk.Partition, _nextOffset);
            Push(_out, new TaskStep(chunk.Partition, _nextOffset, false));
        }

        /// <summary>False: a commit is due before the batch is at its end, or a record failed; the next offset says how far it is.</summary>
        private bool ProcessBatch(string topic, ReadOnlyMemory<byte> batch)
        {
            var done = 0;
            using var records = new RecordBatchReader(batch);
            foreach (var record in records)
            {
                // A batch may begin before the offset asked for, or where a commit cut it.
                if (record.Offset < _nextOffset) continue;
                if (done > 0 && done % RecordsBetweenLooks == 0 && IsCommitDue)
                {
                    _nextOffset = record.Offset;
                    return false;
                }
                done++;
                var (key, value) = (record.Key, record.Value);
                try
                {
                    _task.Process(topic, new InputRecord(key.GetValueOrDefault(), key.HasValue, value.GetValueOrDefault(), value.HasValue, record.Timestamp, record.Offset)
                    {
                        Headers = HeadersOf(record.Headers),
                    });
                }
                catch (StreamsException failure)
                {
                    (_failure, _nextOffset) = (failure, record.Offset);
                    return false;
                }
            }
            return true;
        }

        private static IReadOnlyList<Expressions.RecordHeader> HeadersOf(RecordHeaders headers)
        {
            if (headers.Count == 0) return [];
            var read = new List<Expressions.RecordHeader>(headers.Count);
            foreach (var header in headers) read.Add(new Expressions.RecordHeader(header.Key, header.Value?.ToArray()));
            return read;
        }

        /// <summary>The stream is asked to end: what was processed is committed, what waits is left for the next time.</summary>
        public void OnUpstreamFinish()
        {
            if (IsAvailable(_out) && _failure is null) Finish();
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
