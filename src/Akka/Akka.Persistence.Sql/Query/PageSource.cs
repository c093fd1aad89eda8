using Akka.Streams;
using Akka.Streams.Stage;

namespace Akka.Persistence.Sql.Query;

/// <summary>Reads pages one after the other. One read at a time.</summary>
internal interface IPager<TRow>
{
    /// <summary>Whether there can be no further page.</summary>
    bool AtEnd { get; }

    /// <summary>The next page; an empty one that is not the end means that nothing is there yet.</summary>
    Task<IReadOnlyList<TRow>> Next();
}

/// <summary>A source over pages: a page is read when there is demand, and one ahead while the page before it is consumed.</summary>
internal sealed class PageSource<TRow, TOut>(Func<IPager<TRow>> pager, Func<TRow, TOut> convert, TimeSpan refresh) : GraphStage<SourceShape<TOut>>
{
    private readonly Outlet<TOut> _out = new("PageSource.out");

    public override SourceShape<TOut> Shape => new(_out);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, pager(), convert, refresh);

    private sealed class Logic : TimerGraphStageLogic
    {
        private const string RefreshTimer = "refresh";

        private readonly Outlet<TOut> _out;
        private readonly IPager<TRow> _pager;
        private readonly Func<TRow, TOut> _convert;
        private readonly TimeSpan _refresh;
        private readonly Action<Task<IReadOnlyList<TRow>>> _arrived;
        private IReadOnlyList<TRow> _page = [];
        private IReadOnlyList<TRow>? _ahead;
        private int _next;
        private bool _reading;

        public Logic(PageSource<TRow, TOut> stage, IPager<TRow> pager, Func<TRow, TOut> convert, TimeSpan refresh)
            : base(stage.Shape)
        {
            (_out, _pager, _convert, _refresh) = (stage._out, pager, convert, refresh);
            _arrived = GetAsyncCallback<Task<IReadOnlyList<TRow>>>(Arrived);
            SetHandler(_out, onPull: Advance);
        }

        protected override void OnTimer(object timerKey)
        {
            if (Read() && IsAvailable(_out)) Advance();
        }

        private void Advance()
        {
            while (_next == _page.Count)
            {
                if (_ahead is not null) (_page, _next, _ahead) = (_ahead, 0, null);
                else if (Exhausted)
                {
                    CompleteStage();
                    return;
                }
                else if (!Read()) return;
            }
            Push(_out, _convert(_page[_next++]));
            Read();
            if (Exhausted) CompleteStage();
        }

        private bool Exhausted => _next == _page.Count && _ahead is null && !_reading && _pager.AtEnd;

        /// <summary>Starts reading the page ahead, unless that is done or under way; true when it is there at once.</summary>
        private bool Read()
        {
            if (_reading || _ahead is not null || _pager.AtEnd || IsTimerActive(RefreshTimer)) return false;
            _reading = true;
            var read = _pager.Next();
            if (read.IsCompleted) return Take(read);
            read.ContinueWith(_arrived, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return false;
        }

        private void Arrived(Task<IReadOnlyList<TRow>> read)
        {
            Take(read);
            if (Exhausted) CompleteStage();
            else if (_ahead is not null && IsAvailable(_out)) Advance();
        }

        private bool Take(Task<IReadOnlyList<TRow>> read)
        {
            _reading = false;
            if (!read.IsCompletedSuccessfully)
            {
                FailStage(read.Exception?.InnerException ?? new TaskCanceledException(read));
                return false;
            }
            if (read.Result.Count > 0) _ahead = read.Result;
            else if (!_pager.AtEnd) ScheduleOnce(RefreshTimer, _refresh);
            return _ahead is not null || _pager.AtEnd;
        }
    }
}
