using Actors.Broker.Network;
using Actors.Broker.Partitions;
using Actors.Broker.Topics;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;

namespace Actors.Broker.Apis;

/// <summary>
/// Reads whole batches. v4: record batches, isolation; v5: log start offset; v7: sessions (<see cref="FetchSessions"/>);
/// v9: current leader epoch; v12: flexible; v13: topic ids; v15: no replica id.
/// </summary>
internal sealed class Fetch() : Api<FetchRequest>(ApiKey.Fetch, 4, 17)
{
    protected override void Dispatch(FetchRequest request, Exchange exchange)
    {
        var fetch = exchange.Broker.FetchSessions.Begin(
            request.SessionId, request.SessionEpoch, exchange.ApiVersion >= 13, Asked(request), Forgotten(request), exchange.Now);
        if (fetch.Error == ErrorCode.None)
            new Fetching(request, fetch, exchange).Start();
        else
            exchange.Complete(new FetchResponse { ErrorCode = (short)fetch.Error });
    }

    private static List<AskedPartition> Asked(FetchRequest request)
    {
        var asked = new List<AskedPartition>();
        foreach (var topic in request.Topics)
            foreach (var partition in topic.Partitions)
                asked.Add(new AskedPartition(
                    new FetchedPartition(topic.TopicId, topic.Topic, partition.Partition), partition.FetchOffset, partition.PartitionMaxBytes, partition.CurrentLeaderEpoch));
        return asked;
    }

    private static IReadOnlyList<FetchedPartition> Forgotten(FetchRequest request) => request.ForgottenTopicsData.Count == 0 ? [] :
        [.. request.ForgottenTopicsData.SelectMany(topic => topic.Partitions.Select(partition => new FetchedPartition(topic.TopicId, topic.Topic, partition)))];

    /// <summary>One partition of the fetch, and what it has to answer so far.</summary>
    private sealed class Part(PartitionId? id, AskedPartition asked, FetchResponse.PartitionData answer)
    {
        /// <summary>Null when there is no such partition.</summary>
        public PartitionId? Id { get; } = id;

        public AskedPartition Asked { get; } = asked;

        public FetchResponse.PartitionData Answer { get; } = answer;

        public LedPartition? Led { get; set; }

        public int Bytes { get; set; }

        public long AwaitToken { get; set; }
    }

    private sealed class Fetching(FetchRequest request, SessionFetch fetch, Exchange exchange)
    {
        private readonly FetchResponse _response = new();
        private readonly List<Part> _parts = [];
        private readonly Queue<Part> _unread = new();
        private int _reading;
        private int _reserved;
        private bool _anyTaken;
        private bool _parked;
        private bool _timed;
        private bool _failed;
        private bool _due = request.MaxWaitMs <= 0;
        private readonly long _until = exchange.Now + request.MaxWaitMs;
        private int _budget = Math.Min(request.MaxBytes, exchange.Broker.Settings.FetchMaxBytes);

        public void Start()
        {
            foreach (var asked in fetch.Partitions)
                Add(asked);
            exchange.Dropped = Forget;
            ReadAll();
        }

        private void ReadAll()
        {
            foreach (var part in _parts.Where(part => part.Led is not null))
            {
                _budget += part.Bytes;
                part.Bytes = 0;
                _unread.Enqueue(part);
            }
            _anyTaken = false;
            _reading = _unread.Count + 1;
            ReadOne();
        }

        private void Add(AskedPartition asked)
        {
            var (topicId, topic, index) = asked.Partition;
            var byId = exchange.ApiVersion >= 13;
            var image = byId ? exchange.Broker.Metadata.Current.Find(topicId) : exchange.Broker.Metadata.Current.Find(topic);
            var answer = new FetchResponse.PartitionData { PartitionIndex = index, HighWatermark = -1, LastStableOffset = -1, LogStartOffset = -1, Records = RecordSet.Empty };
            var part = new Part(image is null || index < 0 || index >= image.Partitions ? null : new PartitionId(image.Id, index), asked, answer);
            if (part.Id is not { } id)
                Refuse(part, byId && image is null ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition);
            else if (exchange.Broker.Partitions.Find(id) is { } led)
                part.Led = led;
            else
                Fail(part, ErrorCode.NotLeaderOrFollower);
            _parts.Add(part);
        }

        /// <summary>Reads of as many partitions as the bound has room for, so that little is read that is not answered. Those that are reading may leave room for more.</summary>
        private void ReadNext()
        {
            while (_unread.TryPeek(out var part))
            {
                var most = Math.Clamp(_budget - _reserved, 0, Math.Max(0, part.Asked.MaxBytes));
                if (most < part.Asked.MaxBytes && _reserved > 0)
                    return;
                _unread.Dequeue();
                Read(part, most);
            }
        }

        private void Read(Part part, int most)
        {
            // The first partition may exceed the bound by its first batch, so that a consumer always advances; the others wait for the next fetch.
            var atLeastOne = !_anyTaken;
            var reserved = atLeastOne ? Math.Max(1, most) : most;
            _reserved += reserved;
            exchange.Ask(
                part.Led!.Actor,
                token => new ReadBatches(token, part.Asked.Offset, most, request.IsolationLevel == 1, part.Asked.CurrentLeaderEpoch) { AtLeastOne = atLeastOne },
                answer =>
                {
                    _reserved -= reserved;
                    BatchesRead(part, (BatchesAnswer)answer);
                },
                why =>
                {
                    _reserved -= reserved;
                    // Clients do not expect REQUEST_TIMED_OUT here, Java's ends at it.
                    Fail(part, why == Unanswered.TimedOut ? ErrorCode.KafkaStorageError : ErrorCode.NotLeaderOrFollower);
                    ReadOne();
                });
        }

        private void BatchesRead(Part part, BatchesAnswer read)
        {
            part.Answer.HighWatermark = read.HighWatermark;
            part.Answer.LastStableOffset = read.LastStableOffset;
            part.Answer.LogStartOffset = read.LogStartOffset;
            part.Answer.AbortedTransactions = request.IsolationLevel == 1 ? [] : null;
            if (read.Error != ErrorCode.None)
                Fail(part, read.Error);
            else
                Take(part, read);
            ReadOne();
        }

        /// <summary>As many whole batches as there is room for; of the first partition that has any at least one.</summary>
        private void Take(Part part, BatchesAnswer read)
        {
            var (taken, bytes) = (0, 0);
            while (taken < read.Batches.Count && (!_anyTaken || bytes + read.Batches[taken].Length <= _budget))
            {
                bytes += read.Batches[taken++].Length;
                _anyTaken = true;
            }
            part.Bytes = bytes;
            part.Answer.Records = taken == read.Batches.Count ? RecordSet.Of(read.Batches) : RecordSet.Of(read.Batches.Take(taken));
            _budget -= bytes;
        }

        /// <summary>What fails is told at once; what does not exist is told with the rest.</summary>
        private void Fail(Part part, ErrorCode error)
        {
            _failed = true;
            Refuse(part, error);
        }

        private void Refuse(Part part, ErrorCode error)
        {
            part.Answer.ErrorCode = (short)error;
            part.Answer.Records = RecordSet.Empty;
            part.Bytes = 0;
            if (error is ErrorCode.NotLeaderOrFollower or ErrorCode.FencedLeaderEpoch && part.Id is { } id)
                LeaderHint.Add(exchange, id, _response, part.Answer);
        }

        private void ReadOne()
        {
            --_reading;
            ReadNext();
            if (_reading > 0)
                return;
            if (_due || _failed || exchange.Now >= _until || _parts.TrueForAll(part => part.Led is null) || _parts.Sum(part => (long)part.Bytes) >= request.MinBytes)
                Finish();
            else
                Park();
        }

        private void Park()
        {
            _parked = true;
            if (!_timed)
                exchange.After(TimeSpan.FromMilliseconds(_until - exchange.Now), Due);
            _timed = true;
            foreach (var part in _parts.Where(part => part.Led is not null))
                exchange.Ask(
                    part.Led!.Actor,
                    token =>
                    {
                        part.AwaitToken = token;
                        return new AwaitRecords(token, part.Answer.Records!.Length == 0 ? part.Asked.Offset : Math.Max(part.Answer.HighWatermark, part.Asked.Offset));
                    },
                    _ => Arrived(part),
                    _ => Arrived(part),
                    TimeSpan.FromMilliseconds(request.MaxWaitMs) + exchange.Broker.Settings.RequestTimeout);
        }

        private void Arrived(Part part)
        {
            part.AwaitToken = 0;
            if (!_parked || exchange.IsComplete)
                return;
            _parked = false;
            Forget();
            ReadAll();
        }

        private void Due()
        {
            _due = true;
            if (!_parked)
                return;
            _parked = false;
            Forget();
            Finish();
        }

        private void Forget()
        {
            foreach (var part in _parts)
            {
                if (part.AwaitToken == 0)
                    continue;
                exchange.Withdraw(part.AwaitToken);
                part.Led!.Actor.Tell(new ForgetAwait(part.AwaitToken), exchange.Self);
                part.AwaitToken = 0;
            }
        }

        private void Finish()
        {
            exchange.Dropped = null;
            foreach (var part in _parts)
                if (part is { Id: { } id, Bytes: > 0 })
                    exchange.Broker.Counters.Fetched(id.TopicId, part.Answer.Records!);
            var news = fetch.KeepsNews ? _parts.ConvertAll(NewsOf) : [];
            var answer = exchange.Broker.FetchSessions.Finish(fetch, news, exchange.Now);
            (_response.ErrorCode, _response.SessionId) = ((short)answer.Error, answer.SessionId);
            for (var i = 0; i < _parts.Count && answer.Error == ErrorCode.None; i++)
                if (answer.Told?[i] != false)
                    Tell(_parts[i]);
            exchange.Complete(_response);
        }

        private static PartitionNews NewsOf(Part part) => new((ErrorCode)part.Answer.ErrorCode, part.Answer.HighWatermark, part.Answer.LogStartOffset, part.Bytes > 0);

        /// <summary>Partitions of a topic that follow each other stand together.</summary>
        private void Tell(Part part)
        {
            var (topicId, topic, _) = part.Asked.Partition;
            var answers = _response.Responses.Count > 0 ? _response.Responses[^1] : null;
            if (answers is null || answers.TopicId != topicId || answers.Topic != topic)
                _response.Responses.Add(answers = new FetchResponse.FetchableTopicResponse { Topic = topic, TopicId = topicId });
            answers.Partitions.Add(part.Answer);
        }
    }
}
