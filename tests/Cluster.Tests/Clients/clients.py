"""clients.py confluent|kafka-python produce BOOTSTRAP TOPIC PREFIX COUNT: writes PREFIX-0, PREFIX-1, ... with keys.
clients.py confluent|kafka-python consume BOOTSTRAP TOPIC GROUP COUNT: prints so many values, read as a member of the group, and commits."""
import sys

library, what, bootstrap, topic, name, count = sys.argv[1:6] + [int(sys.argv[6])]
records = [(b"%d" % i, b"%s-%d" % (name.encode(), i)) for i in range(count)]


def confluent():
    import confluent_kafka
    if what == "produce":
        producer = confluent_kafka.Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True})
        for key, value in records:
            producer.produce(topic, key=key, value=value, on_delivery=lambda error, _: error and sys.exit("not delivered: %s" % error))
        assert producer.flush(30) == 0, "not all were acknowledged within 30 s"
        return
    consumer = confluent_kafka.Consumer({"bootstrap.servers": bootstrap, "group.id": name, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    for i in range(count):
        message = consumer.poll(30)
        assert message is not None and message.error() is None, "after %d records: %s" % (i, message and message.error())
        print(message.value().decode())
    consumer.close()


def kafka_python():
    import kafka
    if what == "produce":
        producer = kafka.KafkaProducer(bootstrap_servers=bootstrap.split(","), acks="all", retries=10)
        for sent in [producer.send(topic, key=key, value=value) for key, value in records]:
            sent.get(30)
        producer.close()
        return
    consumer = kafka.KafkaConsumer(topic, bootstrap_servers=bootstrap.split(","), group_id=name, auto_offset_reset="earliest", consumer_timeout_ms=30000)
    values = []
    for message in consumer:
        values.append(message.value.decode())
        if len(values) == count:
            break
    print("\n".join(values))
    assert len(values) == count, "%d of %d records came within 30 s" % (len(values), count)
    consumer.close()


{"confluent": confluent, "kafka-python": kafka_python}[library]()
