"""Produces at full speed until the broker goes; prints PARTITION OFFSET VALUE of what was acknowledged. Arguments: bootstrap, topic, prefix."""
import os
import sys
import threading
import time

from confluent_kafka import Producer

bootstrap, topic, prefix = sys.argv[1:4]
out = []


def acknowledged(error, message):
    if error is None:
        out.append("%d %d %s" % (message.partition(), message.offset(), message.value().decode()))


producer = Producer({
    "bootstrap.servers": bootstrap, "acks": "all", "enable.idempotence": True, "linger.ms": 2,
    "message.timeout.ms": 300000, "queue.buffering.max.messages": 20000, "log_level": 0,
})
stopping = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), stopping.set()), daemon=True).start()
i = 0
while not stopping.is_set():
    try:
        producer.produce(topic, value="%s-%d" % (prefix, i), key="%d" % (i % 97), on_delivery=acknowledged)
        i += 1
    except BufferError:
        producer.poll(0.05)
    producer.poll(0)
producer.flush(60)
print("\n".join(out))
sys.stdout.flush()
os._exit(0)
