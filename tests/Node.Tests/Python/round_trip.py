"""Produces with confluent-kafka, reads back in a group, commits, resumes, finds offsets by time, asks for groups. Arguments: bootstrap, codec."""
import os
import random
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

bootstrap, codec = sys.argv[1:3]
topic = "confluent-" + codec
admin = AdminClient({"bootstrap.servers": bootstrap})
admin.create_topics([NewTopic(topic, num_partitions=3, replication_factor=1)])[topic].result(10)
assert len(admin.list_topics(topic, timeout=10).topics[topic].partitions) == 3

random.seed(7)
start = int(time.time() * 1000) - 3600000
sent = {}
producer = Producer({"bootstrap.servers": bootstrap, "compression.type": codec, "enable.idempotence": True, "linger.ms": 5})
delivered = []


def acknowledged(error, message):
    assert error is None, error
    delivered.append((message.partition(), message.offset()))


for i in range(3000):
    key = b"key-%d" % (i % 50)
    value = b"%d:" % i + random.randbytes(random.randrange(0, 300)) + b"x" * random.randrange(0, 300)
    headers = [("n", b"%d" % i), ("empty", b""), ("null", None)] if i % 3 == 0 else []
    sent[i] = (key, value, headers)
    producer.produce(topic, value=value, key=key, headers=headers, timestamp=start + i, on_delivery=acknowledged)
    producer.poll(0)
assert producer.flush(30) == 0
assert len(set(delivered)) == 3000, "every record has a place of its own"


def consume(count, commit):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "g-" + topic, "auto.offset.reset": "earliest", "enable.auto.commit": False})
    consumer.subscribe([topic])
    found = []
    while len(found) < count:
        message = consumer.poll(20)
        assert message is not None, "only %d of %d records came within 20 s" % (len(found), count)
        assert message.error() is None, message.error()
        found.append(message)
    if commit:
        positions = {}
        for message in found:
            positions[message.partition()] = message.offset() + 1
        consumer.commit(offsets=[TopicPartition(topic, p, o) for p, o in positions.items()], asynchronous=False)
    consumer.close()
    return found


first = consume(1000, True)
rest = consume(2000, True)
seen = {}
for message in first + rest:
    number = int(message.value().split(b":", 1)[0])
    assert number not in seen, "record %d came twice" % number
    seen[number] = message
assert seen.keys() == sent.keys()
for number, message in seen.items():
    key, value, headers = sent[number]
    assert message.key() == key and message.value() == value, number
    assert (message.headers() or []) == headers, (message.headers(), headers)
    assert message.timestamp()[1] == start + number, message.timestamp()

committed = Consumer({"bootstrap.servers": bootstrap, "group.id": "g-" + topic}).committed([TopicPartition(topic, p) for p in range(3)], timeout=10)
assert sum(p.offset for p in committed) == 3000, committed
reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "w"})
low_high = [reader.get_watermark_offsets(TopicPartition(topic, p), timeout=10) for p in range(3)]
assert sum(high for _, high in low_high) == 3000 and all(low == 0 for low, _ in low_high)
for place in reader.offsets_for_times([TopicPartition(topic, p, start + 1500) for p in range(3)], timeout=10):
    assert place.offset == sum(m.partition() == place.partition and m.timestamp()[1] < start + 1500 for m in seen.values()), place
last = TopicPartition(topic, 0, low_high[0][1] - 1)
reader.assign([TopicPartition(topic, 0, 0)])
assert reader.poll(20).offset() == 0
reader.seek(last)
assert reader.poll(20).offset() == last.offset
reader.close()
(group,) = [each for each in admin.list_groups(timeout=10) if each.id == "g-" + topic]
assert (group.state, group.protocol_type, group.members) == ("Empty", "consumer", []), (group.state, group.protocol_type, group.members)
admin.delete_topics([topic])[topic].result(10)
print("ok")
os._exit(0)
