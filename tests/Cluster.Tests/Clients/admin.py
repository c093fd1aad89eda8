"""admin.py confluent|kafka-python BOOTSTRAP TOPIC BROKERS: makes the topic, describes and alters its configuration, gives it partitions, describes the brokers; prints ok."""
import sys
import time

library, bootstrap, topic, brokers = sys.argv[1:4] + [int(sys.argv[4])]


def until(look, wanted, what):
    """A metadata answer of another node may be a moment older."""
    deadline = time.time() + 10
    while True:
        seen = look()
        if seen == wanted:
            return
        assert time.time() < deadline, "%s: %r, not %r" % (what, seen, wanted)
        time.sleep(0.05)


def confluent():
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic, ConfigSource
    admin = AdminClient({"bootstrap.servers": bootstrap})

    def result(futures):
        (future,) = futures.values()
        return future.result(30)

    def refused(futures, code, words):
        try:
            result(futures)
        except KafkaException as error:
            assert error.args[0].name() == code and words in error.args[0].str(), error
        else:
            raise AssertionError("%s was expected" % code)

    result(admin.create_topics([NewTopic(topic, 2, 1, config={"retention.ms": "5000"})]))
    refused(admin.create_topics([NewTopic(topic, 2, 1)]), "TOPIC_ALREADY_EXISTS", "Topic '%s' already exists." % topic)
    refused(admin.create_topics([NewTopic(topic + "-bad", 2, 1, config={"retention.ms": "soon"})]), "INVALID_CONFIG", "Not a number of type LONG")
    refused(admin.create_topics([NewTopic(topic + "-wide", 2, brokers + 1)]), "INVALID_REPLICATION_FACTOR", "only %d broker(s) are registered" % brokers)
    resource = ConfigResource("topic", topic)
    entries = result(admin.describe_configs([resource]))
    assert len(entries) == 36, len(entries)
    assert (entries["retention.ms"].value, entries["retention.ms"].source) == ("5000", ConfigSource.DYNAMIC_TOPIC_CONFIG.value), entries["retention.ms"]
    assert entries["max.message.bytes"].is_default and list(entries["max.message.bytes"].synonyms) == ["message.max.bytes"]
    result(admin.alter_configs([ConfigResource("topic", topic, set_config={"max.message.bytes": "2000"})]))
    until(lambda: [(e.name, e.value) for e in result(admin.describe_configs([resource])).values() if e.source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value],
          [("max.message.bytes", "2000")], "the altered configuration")
    refused(admin.alter_configs([ConfigResource("topic", topic, set_config={"nothing": "1"})]), "INVALID_CONFIG", "Unknown topic config name: nothing")
    result(admin.create_partitions([NewPartitions(topic, 5)]))
    until(lambda: sorted(admin.list_topics(topic).topics[topic].partitions), [0, 1, 2, 3, 4], "partitions")
    refused(admin.create_partitions([NewPartitions(topic, 3)]), "INVALID_PARTITIONS", "currently has 5 partition(s); 3 would not be an increase")
    described = admin.list_topics()
    assert len(described.brokers) == brokers and described.controller_id in described.brokers
    for broker in described.brokers:
        own = result(admin.describe_configs([ConfigResource("broker", str(broker))]))
        assert own["broker.id"].value == str(broker) and own["broker.id"].is_read_only, own["broker.id"]
        assert own["ssl.key.password"].is_sensitive and own["ssl.key.password"].value is None
    result(admin.delete_topics([topic]))


def kafka_python():
    from kafka import errors
    from kafka.admin import ACLFilter, ACLOperation, ACLPermissionType, ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic, ResourcePattern, ResourceType
    admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","))

    def refused(call, kind):
        try:
            call()
        except kind:
            pass
        else:
            raise AssertionError("%s was expected" % kind)

    def describe(resource):
        (response,) = admin.describe_configs([resource])
        ((code, message, _, _, entries),) = response.resources
        assert code == 0, message
        return {entry[0]: entry for entry in entries}

    admin.create_topics([NewTopic(topic, 2, 1, topic_configs={"retention.ms": "5000"})])
    refused(lambda: admin.create_topics([NewTopic(topic, 2, 1)]), errors.TopicAlreadyExistsError)
    refused(lambda: admin.create_topics([NewTopic(topic + "-wide", 2, brokers + 1)]), errors.InvalidReplicationFactorError)
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    entries = describe(resource)
    assert entries["retention.ms"][1] == "5000" and entries["retention.ms"][3] == 1, entries["retention.ms"]
    altered = admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs={"max.message.bytes": "2000"})])
    assert [r[0] for r in altered.resources] == [0], altered
    until(lambda: (describe(resource)["max.message.bytes"][1], describe(resource)["retention.ms"][3]), ("2000", 5), "the altered configuration")
    bad = admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs={"nothing": "1"})])
    assert [(r[0], r[1]) for r in bad.resources] == [(40, "Unknown topic config name: nothing")], bad
    admin.create_partitions({topic: NewPartitions(5)})
    until(lambda: len(admin.describe_topics([topic])[0]["partitions"]), 5, "partitions")
    refused(lambda: admin.create_partitions({topic: NewPartitions(3)}), errors.InvalidPartitionsError)
    described = admin.describe_cluster()
    assert len(described["brokers"]) == brokers and described["controller_id"] in [b["node_id"] for b in described["brokers"]], described
    for broker in described["brokers"]:
        own = describe(ConfigResource(ConfigResourceType.BROKER, str(broker["node_id"])))
        assert own["broker.id"][1] == str(broker["node_id"]), own["broker.id"]
    rules = ACLFilter(principal=None, host=None, operation=ACLOperation.ANY, permission_type=ACLPermissionType.ANY, resource_pattern=ResourcePattern(ResourceType.TOPIC, topic))
    refused(lambda: admin.describe_acls(rules), errors.SecurityDisabledError)
    admin.delete_topics([topic])
    admin.close()


{"confluent": confluent, "kafka-python": kafka_python}[library]()
print("ok")
