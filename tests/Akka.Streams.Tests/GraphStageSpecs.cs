using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Tests;

public sealed class GraphStageSpecs : StreamSpec
{
    /// <summary>A flow whose logic the spec writes.</summary>
    private sealed class Custom<TIn, TOut>(Func<FlowShape<TIn, TOut>, GraphStageLogic> logic) : GraphStage<FlowShape<TIn, TOut>>
    {
        public override FlowShape<TIn, TOut> Shape { get; } = new(new Inlet<TIn>("custom.in"), new Outlet<TOut>("custom.out"));
        protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => logic(Shape);
    }

    private sealed class Duplicate(FlowShape<int, int> shape) : InAndOutLogic(shape)
    {
        private int? _last;

        protected override void Pushed()
        {
            _last = Grab(Shape.Inlet);
            Push(Shape.Outlet, _last.Value);
        }

        protected override void Pulled()
        {
            if (_last is { } last)
            {
                _last = null;
                Push(Shape.Outlet, last);
            }
            else
                Pull(Shape.Inlet);
        }

        protected override void Finished()
        {
            if (_last is { } last)
                Emit(Shape.Outlet, last);
            Complete(Shape.Outlet);
        }
    }

    private abstract class InAndOutLogic : GraphStageLogic
    {
        protected readonly FlowShape<int, int> Shape;

        protected InAndOutLogic(FlowShape<int, int> shape) : base(shape)
        {
            Shape = shape;
            SetHandler(shape.Inlet, Pushed, () => Finished());
            SetHandler(shape.Outlet, Pulled);
        }

        protected abstract void Pushed();
        protected virtual void Pulled() => Pull(Shape.Inlet);
        protected virtual void Finished() => CompleteStage();
    }

    [Fact]
    public async Task A_stage_may_give_more_than_it_takes() =>
        Assert.Equal([1, 1, 2, 2, 3, 3], await ElementsOf(Source.From([1, 2, 3]).Via(new Custom<int, int>(s => new Duplicate(s)))));

    private sealed class Emitter(FlowShape<int, int> shape) : InAndOutLogic(shape)
    {
        protected override void Pushed()
        {
            var x = Grab(Shape.Inlet);
            Emit(Shape.Outlet, x);
            EmitMultiple(Shape.Outlet, [x * 10, x * 100]);
            EmitMultiple(Shape.Outlet, Array.Empty<int>());
            Emit(Shape.Outlet, -x);
        }
    }

    [Fact]
    public async Task Emitted_elements_keep_their_order_and_come_before_completion() =>
        Assert.Equal([1, 10, 100, -1, 2, 20, 200, -2], await ElementsOf(Source.From([1, 2]).Via(new Custom<int, int>(s => new Emitter(s)))));

    private sealed class Reader(FlowShape<int, int> shape) : InAndOutLogic(shape)
    {
        public override void PreStart() => Read(Shape.Inlet, a => Read(Shape.Inlet, b => Emit(Shape.Outlet, a + b), () => Emit(Shape.Outlet, a)), () => { });
        protected override void Pushed() => Push(Shape.Outlet, Grab(Shape.Inlet));

        protected override void Pulled()
        {
            if (!HasBeenPulled(Shape.Inlet))
                TryPull(Shape.Inlet);
        }
    }

    [Fact]
    public async Task Read_takes_elements_aside_before_the_handler_gets_any()
    {
        Assert.Equal([3, 3, 4], await ElementsOf(Source.From([1, 2, 3, 4]).Via(new Custom<int, int>(s => new Reader(s)))));
        Assert.Equal([1], await ElementsOf(Source.From([1]).Via(new Custom<int, int>(s => new Reader(s)))));
    }

    private sealed class Faulty(FlowShape<int, int> shape, string fault) : InAndOutLogic(shape)
    {
        protected override void Pushed()
        {
            var x = Grab(Shape.Inlet);
            switch (fault)
            {
                case "grab twice": Grab(Shape.Inlet); break;
                case "push twice":
                    Push(Shape.Outlet, x);
                    Push(Shape.Outlet, x);
                    break;
                case "pull twice":
                    Pull(Shape.Inlet);
                    Pull(Shape.Inlet);
                    break;
                case "push closed":
                    Complete(Shape.Outlet);
                    Push(Shape.Outlet, x);
                    break;
                case "pull closed":
                    Cancel(Shape.Inlet);
                    Pull(Shape.Inlet);
                    break;
            }
        }
    }

    [Theory]
    [InlineData("grab twice")]
    [InlineData("push twice")]
    [InlineData("pull twice")]
    [InlineData("pull closed")]
    public async Task Breaking_the_ports_rules_fails_the_stage(string fault) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => ElementsOf(Source.From([1, 2]).Via(new Custom<int, int>(s => new Faulty(s, fault)))));

    private sealed class External : GraphStageWithMaterializedValue<SourceShape<string>, Action<string>>
    {
        public override SourceShape<string> Shape { get; } = new(new Outlet<string>("external.out"));

        /// <summary>PreStart is over, and its own callback is on its way.</summary>
        public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ILogicAndMaterializedValue<Action<string>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
        {
            var logic = new Logic(Shape, Started);
            return new LogicAndMaterializedValue<Action<string>>(logic, logic.Callback);
        }

        private sealed class Logic : OutGraphStageLogic
        {
            internal readonly Action<string> Callback;
            private readonly Queue<string> _waiting = new();
            private readonly Outlet<string> _out;
            private bool _ended;

            private readonly TaskCompletionSource _started;

            internal Logic(SourceShape<string> shape, TaskCompletionSource started) : base(shape)
            {
                _started = started;
                _out = shape.Outlet;
                Callback = GetAsyncCallback<string>(Arrived);
                SetHandler(_out, this);
                Callback("from the constructor");
            }

            public override void PreStart()
            {
                Callback("from PreStart");
                _started.SetResult();
            }

            private void Arrived(string text)
            {
                if (text == "end")
                    _ended = true;
                else
                    _waiting.Enqueue(text);
                OnPull();
            }

            public override void OnPull()
            {
                if (IsAvailable(_out) && _waiting.TryDequeue(out var text))
                    Push(_out, text);
                if (_ended && _waiting.Count == 0)
                    CompleteStage();
            }
        }
    }

    [Fact]
    public async Task Async_callbacks_reach_the_stage_from_anywhere_at_any_time()
    {
        var external = new External();
        var (callback, elements) = Source.FromGraph(external).ToMaterialized(Sink.Seq<string>(), Keep.Both).Run(Materializer);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 100; i++)
                callback($"{t}:{i}");
        })));
        await Soon(external.Started.Task);
        callback("end");
        var all = await Soon(elements);
        Assert.Equal(402, all.Count);
        Assert.Equal("from the constructor", all[0]);
        for (var t = 0; t < 4; t++)
            Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{t}:{i}"), all.Where(x => x.StartsWith($"{t}:")));
        callback("after the end");
    }

    private sealed class Timed : GraphStage<SourceShape<string>>
    {
        public override SourceShape<string> Shape { get; } = new(new Outlet<string>("timed.out"));
        protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape);

        private sealed class Logic : TimerGraphStageLogic
        {
            private readonly SourceShape<string> _shape;
            private int _repeats;

            internal Logic(SourceShape<string> shape) : base(shape)
            {
                _shape = shape;
                SetHandler(shape.Outlet, () => { });
            }

            public override void PreStart()
            {
                ScheduleOnce("cancelled", TimeSpan.FromMilliseconds(1));
                CancelTimer("cancelled");
                ScheduleOnce("once", TimeSpan.FromMilliseconds(10));
                ScheduleOnce("replaced", TimeSpan.FromMilliseconds(1));
                ScheduleOnce("replaced", TimeSpan.FromMilliseconds(60));
                Assert.True(IsTimerActive("once"));
                Assert.False(IsTimerActive("cancelled"));
            }

            protected override void OnTimer(object timerKey)
            {
                Emit(_shape.Outlet, (string)timerKey);
                if (timerKey is "replaced")
                    ScheduleRepeatedly("repeated", TimeSpan.FromMilliseconds(5));
                if (timerKey is "repeated" && ++_repeats == 3)
                    CompleteStage();
            }
        }
    }

    [Fact]
    public async Task Timers_fire_once_or_repeatedly_and_can_be_cancelled_and_replaced() =>
        Assert.Equal(["once", "replaced", "repeated", "repeated", "repeated"], await ElementsOf(Source.FromGraph(new Timed())));

    private sealed class Lifecycle(FlowShape<int, int> shape, ConcurrentQueue<string> log) : InAndOutLogic(shape)
    {
        public override void PreStart() => log.Enqueue("pre");
        public override void PostStop() => log.Enqueue("post");
        protected override void Pushed() => Push(Shape.Outlet, Grab(Shape.Inlet) is var x && x < 0 ? throw new Boom() : x);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task PostStop_runs_once_however_the_stage_ends(int element)
    {
        var log = new ConcurrentQueue<string>();
        await Record.ExceptionAsync(() => ElementsOf(Source.Single(element).Via(new Custom<int, int>(s => new Lifecycle(s, log)))));
        await Until(() => log.Count >= 2, "PostStop did not run");
        await Task.Delay(20);
        Assert.Equal(["pre", "post"], log);
    }

    [Fact]
    public async Task Shutting_the_materializer_down_ends_streams_abruptly()
    {
        var log = new ConcurrentQueue<string>();
        var materializer = System.Materializer();
        var elements = Source.Never<int>().Via(new Custom<int, int>(s => new Lifecycle(s, log))).RunWith(Sink.Seq<int>(), materializer);
        await Until(() => log.Contains("pre"), "the stage did not start");
        materializer.Shutdown();
        await Assert.ThrowsAsync<AbruptStageTerminationException>(() => Soon(elements));
        await Until(() => log.Contains("post"), "PostStop did not run");
        Assert.ThrowsAny<Exception>(() => Source.Single(1).To(Sink.Ignore<int>()).Run(materializer));
    }

    private sealed class Owner(TaskCompletionSource<Task> started) : ActorBase
    {
        protected override bool Receive(object message)
        {
            started.SetResult(Source.Never<int>().RunWith(Sink.Ignore<int>(), Context.Materializer()));
            return true;
        }
    }

    [Fact]
    public async Task A_stream_of_an_actors_materializer_ends_with_the_actor()
    {
        var started = new TaskCompletionSource<Task>();
        var owner = System.ActorOf(Props.Create(() => new Owner(started)));
        owner.Tell("go");
        var stream = await Soon(started.Task);
        Assert.False(stream.IsCompleted);
        System.Stop(owner);
        await Assert.ThrowsAsync<AbruptStageTerminationException>(() => Soon(stream));
    }

    private sealed class Talker(FlowShape<int, int> shape, TaskCompletionSource<IActorRef> ready) : InAndOutLogic(shape)
    {
        public override void PreStart()
        {
            var self = GetStageActor(args =>
            {
                if (args.Item2 is int x)
                    Emit(Shape.Outlet, x);
                else
                    CompleteStage();
            });
            ready.SetResult(self.Ref);
        }

        protected override void Pushed() => Grab(Shape.Inlet);

        protected override void Pulled() { }
    }

    [Fact]
    public async Task A_stage_actor_gives_its_messages_to_the_stage()
    {
        var ready = new TaskCompletionSource<IActorRef>();
        var elements = Source.Never<int>().Via(new Custom<int, int>(s => new Talker(s, ready))).RunWith(Sink.Seq<int>(), Materializer);
        var actor = await Soon(ready.Task);
        actor.Tell(1);
        actor.Tell(2);
        actor.Tell("end");
        Assert.Equal([1, 2], await Soon(elements));
    }

    [Fact]
    public async Task Kill_switches_complete_or_fail_a_stream()
    {
        var (shut, done) = Source.Never<int>().ViaMaterialized(KillSwitches.Single<int>(), Keep.Right).ToMaterialized(Sink.Ignore<int>(), Keep.Both).Run(Materializer);
        shut.Shutdown();
        await Soon(done);
        var (abort, failed) = Source.Never<int>().ViaMaterialized(KillSwitches.Single<int>(), Keep.Right).ToMaterialized(Sink.Ignore<int>(), Keep.Both).Run(Materializer);
        abort.Abort(new Boom());
        await Assert.ThrowsAsync<Boom>(() => Soon(failed));
    }

    [Fact]
    public async Task A_shared_kill_switch_ends_all_its_streams_later_ones_too()
    {
        var shared = KillSwitches.Shared("all");
        Task<Done> Run() => Source.Never<int>().Via(shared.Flow<int>()).RunWith(Sink.Ignore<int>(), Materializer);
        var first = Run();
        var second = Run();
        shared.Shutdown();
        await Soon(first);
        await Soon(second);
        await Soon(Run());
    }

    [Fact]
    public async Task A_failure_cancels_upstream_with_its_cause()
    {
        var watched = Source.Repeat(1).WatchTermination(Keep.Right).To(Sink.ForEach<int>(_ => throw new Boom())).Run(Materializer);
        await Assert.ThrowsAsync<Boom>(() => Soon(watched));
    }

    [Fact]
    public async Task Many_streams_run_side_by_side()
    {
        var sums = await Soon(Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            Source.From(Enumerable.Range(0, 100)).Select(x => x + i).RunSum((a, b) => a + b, Materializer))));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => 4950 + 100 * i), sums);
    }
}
