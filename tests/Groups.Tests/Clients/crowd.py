"""crowd.py BOOTSTRAP TOPIC PARTITIONS GROUP COUNT SECONDS: so many librdkafka consumers join at once. Prints the milliseconds until every partition has one owner and all are members."""
import os
import sys
import time

from confluent_kafka import Consumer

bootstrap, topic, partitions, group, count, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5]), int(sys.argv[6])
owned = [None] * count
consumers = []
for i in range(count):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "client.id": f"crowd-{i}", "partition.assignment.strategy": "range", "session.timeout.ms": 30000,
                         "enable.auto.commit": False})

    def assigned(c, given, i=i):
        c.assign(given)
        owned[i] = {p.partition for p in given}

    def revoked(c, _, i=i):
        c.unassign()
        owned[i] = None

    consumer.subscribe([topic], on_assign=assigned, on_revoke=revoked)
    consumers.append(consumer)
start = time.monotonic()
stable_since = None
while True:
    for consumer in consumers:
        message = consumer.poll(0)
        if message is not None and message.error():
            print("error", message.error(), file=sys.stderr)
    now = time.monotonic()
    settled = all(o is not None for o in owned) and sorted(p for o in owned for p in o) == list(range(partitions))
    stable_since = (stable_since or now) if settled else None
    # A generation of those who were first may look settled for a moment.
    if stable_since and now - stable_since > 1.5:
        print(int((stable_since - start) * 1000))
        break
    if now - start > seconds:
        print(f"after {seconds} s: {sum(o is not None for o in owned)} of {count} have an assignment, {sum(len(o or ()) for o in owned)} of {partitions} partitions an owner", file=sys.stderr)
        sys.exit(1)
    time.sleep(0.005)
# They are not polled while one after the other leaves: how long that takes says nothing of a group.
sys.stdout.flush()
os._exit(0)
