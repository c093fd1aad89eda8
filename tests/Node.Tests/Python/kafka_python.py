"""kafka_python.py BOOTSTRAP CODEC: makes a topic, writes and reads records under the codec; with "none" also finds offsets, shares in groups and asks for them; prints ok."""
import sys
import time

from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition, errors
from kafka.admin import KafkaAdminClient, NewTopic

bootstrap, codec = sys.argv[1:3]
topic, group = "kafka-python-" + codec, "kafka-python-%s-readers" % codec
partitions, count = 3, 900
start = int(time.time() * 1000) - 3600000
admin = KafkaAdminClient(bootstrap_servers=bootstrap)
places = [TopicPartition(topic, p) for p in range(partitions)]
sent = [(b"key-%d" % (i % 50) if i % 5 else None, ("värde %d %s" % (i, "x" * (i % 300))).encode() if i % 7 or i % 5 == 0 else None, start + i,
         [("n", b"%d" % i), ("empty", b"")] if i % 3 == 0 else []) for i in range(count)]


def reader(**settings):
    return KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False, consumer_timeout_ms=20000, heartbeat_interval_ms=200, **settings)


def take(consumer, many):
    found = [message for _, message in zip(range(many), consumer)]
    assert len(found) == many, "%d of %d records came within 20 s" % (len(found), many)
    return found


def refused(call, kind):
    try:
        call()
    except kind:
        return
    raise AssertionError("%s was expected" % kind)


def records():
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5, compression_type=None if codec == "none" else codec)
    told = [producer.send(topic, key=key, value=value, timestamp_ms=at, headers=headers, partition=i % partitions) for i, (key, value, at, headers) in enumerate(sent)]
    producer.flush(20)
    assert [(t.get(10).partition, t.get(10).offset) for t in told] == [(i % partitions, i // partitions) for i in range(count)]
    consumer = reader()
    consumer.assign(places)
    found = {(m.partition, m.offset): (m.key, m.value, m.timestamp, m.headers) for m in take(consumer, count)}
    consumer.close()
    assert found == {(i % partitions, i // partitions): record for i, record in enumerate(sent)}
    admin.create_topics([NewTopic(topic + "-small", 1, 1, topic_configs={"max.message.bytes": "1000"})])
    refused(lambda: producer.send(topic + "-small", b"".join(b"%d" % (i * 7919) for i in range(3000))).get(10), errors.MessageSizeTooLargeError)
    assert producer.send(topic + "-small", b"fits").get(10).offset == 0
    producer.close()


def offsets():
    consumer = reader()
    consumer.assign(places)
    assert consumer.beginning_offsets(places) == dict.fromkeys(places, 0)
    assert consumer.end_offsets(places) == dict.fromkeys(places, 300)
    assert [found and found.offset for found in consumer.offsets_for_times({places[0]: start + 450, places[1]: start + 451, places[2]: start + count}).values()] == [150, 150, None]
    consumer.seek_to_end(places[0], places[2])
    consumer.seek(places[1], 290)
    assert [(m.partition, m.offset) for m in take(consumer, 10)] == [(1, offset) for offset in range(290, 300)]
    assert consumer.position(places[1]) == 300
    consumer.pause(places[1])
    consumer.seek(places[1], 0)
    consumer.seek(places[2], 299)
    assert [(m.partition, m.offset) for m in take(consumer, 1)] == [(2, 299)]
    consumer.close()


def groups():
    first = reader(group_id=group, max_poll_records=100)
    first.subscribe([topic])
    read = take(first, 100)
    first.commit()
    first.close()
    ended = {m.partition: m.offset + 1 for m in read}
    committed = admin.list_consumer_group_offsets(group)
    assert {p.partition: o.offset for p, o in committed.items() if o.offset >= 0 and p.partition in ended} == ended, (committed, ended)
    marker = reader(group_id=group)
    marker.assign(places)
    marker.commit({place: OffsetAndMetadata(290 + place.partition, "at %d ☂" % place.partition) for place in places})
    assert admin.list_consumer_group_offsets(group) == {place: OffsetAndMetadata(290 + place.partition, "at %d ☂" % place.partition) for place in places}
    marker.close()
    rest = reader(group_id=group)
    rest.subscribe([topic])
    assert sorted((m.partition, m.offset) for m in take(rest, 27)) == [(p, offset) for p in range(partitions) for offset in range(290 + p, 300)]
    (described,) = admin.describe_consumer_groups([group])
    assert (described.state, described.protocol, described.protocol_type, len(described.members)) == ("Stable", "range", "consumer", 1), described
    assert sorted(described.members[0].member_assignment.partitions()) == sorted((p.topic, p.partition) for p in places), described
    assert (group, "consumer") in admin.list_consumer_groups()
    assert [error for _, error in admin.delete_consumer_groups([group])] == [errors.NonEmptyGroupError]
    rest.close()
    assert [error for _, error in admin.delete_consumer_groups([group])] == [errors.NoError]
    assert (group, "consumer") not in admin.list_consumer_groups()


admin.create_topics([NewTopic(topic, partitions, 1)])
assert topic in admin.list_topics()
(told,) = admin.describe_topics([topic])
assert [(p["leader"], p["replicas"], p["isr"]) for p in told["partitions"]] == [(1, [1], [1])] * partitions, told
records()
if codec == "none":
    offsets()
    groups()
admin.delete_topics([topic])
assert topic not in admin.list_topics()
refused(lambda: admin.delete_topics([topic]), errors.UnknownTopicOrPartitionError)
admin.close()
print("ok")
