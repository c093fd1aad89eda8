"""commits.py write|read BOOTSTRAP TOPIC GROUP: commits an offset with metadata for each of the topic's partitions (kafka-python), or prints what is committed."""
import sys

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition

what, bootstrap, topic, group = sys.argv[1:5]
consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
partitions = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic))]
if what == "write":
    consumer.assign(partitions)
    consumer.commit({p: OffsetAndMetadata(100 + p.partition, f"position {p.partition} ☂") for p in partitions})
else:
    for p in partitions:
        committed = consumer.committed(p, metadata=True)
        print(p.partition, committed.offset, committed.metadata)
consumer.close()
