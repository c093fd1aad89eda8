"""member.py CLIENT BOOTSTRAP TOPIC GROUP NAME STRATEGY HEARTBEAT_MS [INSTANCE] [--counts]: a member of a group until SIGTERM, on which it leaves.

Says in lines what happens to it: "owns 0,1,2" when its partitions change, "error NAME" when the group refuses it, "paused PARTITION MS" at its end: the longest
time without a record of a partition that it never gave up.

With --counts librdkafka begins at the first record, commits every 200 ms, and says "read PARTITION OFFSET MS" and "committed PARTITION OFFSET MS" (milliseconds since 1970).
"""
import signal
import sys
import time

counts = sys.argv[-1] == "--counts"
if counts:
    sys.argv.pop()
client, bootstrap, topic, group, name, strategy, heartbeat = sys.argv[1:8]
instance = sys.argv[8] if len(sys.argv) > 8 else None
running = True
owned = set()
last, paused = {}, {}


def stop(*_):
    global running
    running = False


def say(*words):
    print(*words, flush=True)


def owns(partitions):
    global owned
    now = set(partitions)
    for gone in owned - now:
        last.pop(gone, None)
        paused.pop(gone, None)
    if owned != now:
        owned = now
        say("owns", ",".join(str(p) for p in sorted(owned)))


def read(partition):
    now = time.monotonic()
    if partition in last:
        paused[partition] = max(paused.get(partition, 0), now - last[partition])
    last[partition] = now


def tell_pauses():
    for partition in sorted(last):
        read(partition)
        say("paused", partition, int(paused[partition] * 1000))


def librdkafka():
    from confluent_kafka import Consumer, KafkaException

    def committed(error, partitions):
        for p in partitions if error is None else []:
            if p.error is None and p.offset >= 0:
                say("committed", p.partition, p.offset, int(time.time() * 1000))
    cooperative = strategy.startswith("cooperative")
    settings = {
        "bootstrap.servers": bootstrap, "group.id": group, "client.id": name, "partition.assignment.strategy": strategy, "session.timeout.ms": 6000,
        "heartbeat.interval.ms": int(heartbeat), "auto.offset.reset": "latest", "enable.auto.commit": False,
        # It says so when it has left: "Consumer closed".
        "debug": "consumer",
    }
    if counts:
        settings.update({"auto.offset.reset": "earliest", "enable.auto.commit": True, "auto.commit.interval.ms": 200, "on_commit": committed, "log_level": 0})
    if instance:
        settings["group.instance.id"] = instance
    consumer = Consumer(settings)

    def assigned(c, partitions):
        if cooperative:
            c.incremental_assign(partitions)
            owns(owned | {p.partition for p in partitions})
        else:
            c.assign(partitions)
            owns({p.partition for p in partitions})

    def revoked(c, partitions):
        if cooperative:
            c.incremental_unassign(partitions)
            owns(owned - {p.partition for p in partitions})
        else:
            c.unassign()
            owns(())

    consumer.subscribe([topic], on_assign=assigned, on_revoke=revoked)
    while running:
        try:
            message = consumer.poll(0.02)
        except KafkaException as failure:
            say("error", failure.args[0].name())
            break
        if message is None:
            continue
        if message.error():
            say("error", message.error().name())
            if message.error().fatal():
                break
        else:
            read(message.partition())
            if counts:
                say("read", message.partition(), message.offset(), int(time.time() * 1000))
    tell_pauses()
    consumer.close()


def kafka_python():
    from kafka import ConsumerRebalanceListener, KafkaConsumer
    from kafka.coordinator.assignors.range import RangePartitionAssignor
    from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

    class Listener(ConsumerRebalanceListener):
        def on_partitions_revoked(self, revoked):
            owns(())

        def on_partitions_assigned(self, assigned):
            owns(p.partition for p in assigned)

    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, group_id=group, client_id=name, session_timeout_ms=6000, heartbeat_interval_ms=int(heartbeat), enable_auto_commit=False,
        partition_assignment_strategy=[{"range": RangePartitionAssignor, "roundrobin": RoundRobinPartitionAssignor}[strategy]])
    consumer.subscribe([topic], listener=Listener())
    while running:
        for partition in consumer.poll(timeout_ms=20):
            read(partition.partition)
    tell_pauses()
    consumer.close()


signal.signal(signal.SIGTERM, stop)
librdkafka() if client == "librdkafka" else kafka_python()
