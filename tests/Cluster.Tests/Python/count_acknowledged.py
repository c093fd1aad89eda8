"""Produces to every partition in turn, idempotently, acks=all, at a steady rate, until a line comes in. Arguments: bootstrap, topic, partitions, prefix, records a second,
and further settings, NAME=VALUE.

Prints "at work" once each partition has an acknowledgement; at the end PARTITION OFFSET VALUE CREATED ACKNOWLEDGED (milliseconds since 1970) of each acknowledged record, and "failed REASON" of each that was given up.
"""
import os
import sys
import threading
import time

from confluent_kafka import Producer

bootstrap, topic, partitions, prefix, rate = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], float(sys.argv[5])
out = []
untouched = set(range(partitions))


def delivered(created):
    def note(error, message):
        if error is None:
            out.append("%d %d %s %d %d" % (message.partition(), message.offset(), message.value().decode(), created * 1000, time.time() * 1000))
            if message.partition() in untouched:
                untouched.remove(message.partition())
                if not untouched:
                    print("at work", flush=True)
        else:
            out.append("failed %s" % error)
    return note


producer = Producer({
    "bootstrap.servers": bootstrap, "acks": "all", "enable.idempotence": True, "linger.ms": 2, "message.timeout.ms": 300000,
    "queue.buffering.max.messages": 100000, "reconnect.backoff.max.ms": 500, "log_level": 0,
    **dict(setting.split("=", 1) for setting in sys.argv[6:]),
})
stopping = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), stopping.set()), daemon=True).start()
started, i = time.time(), 0
while not stopping.is_set():
    due = (time.time() - started) * rate
    while i < due and not stopping.is_set():
        try:
            producer.produce(topic, value="%s-%d" % (prefix, i), partition=i % partitions, on_delivery=delivered(time.time()))
            i += 1
        except BufferError:
            producer.poll(0.05)
        producer.poll(0)
    producer.poll(0.002)
producer.flush(90)
print("\n".join(out))
sys.stdout.flush()
os._exit(0)
