// node admin.js BOOTSTRAP TOPIC BROKERS: makes the topic, describes and alters its configuration, gives it partitions, describes the brokers; prints ok.
const assert = require("assert");
const { Kafka, ConfigResourceTypes, ConfigSource, AclResourceTypes, AclOperationTypes, AclPermissionTypes, ResourcePatternTypes, logLevel } = require("kafkajs");

const [bootstrap, topic, brokers] = process.argv.slice(2);
const kafka = new Kafka({ brokers: bootstrap.split(","), logLevel: logLevel.NOTHING });
const admin = kafka.admin();

// A metadata answer of another node may be a moment older.
async function until(look, wanted, what) {
  for (const deadline = Date.now() + 10000; ;) {
    const seen = await look();
    if (JSON.stringify(seen) === JSON.stringify(wanted)) return;
    assert(Date.now() < deadline, `${what}: ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function describe(type, name) {
  const { resources: [found] } = await admin.describeConfigs({ includeSynonyms: true, resources: [{ type, name }] });
  return Object.fromEntries(found.configEntries.map((entry) => [entry.configName, entry]));
}

async function run() {
  await admin.connect();
  assert.equal(await admin.createTopics({ topics: [{ topic, numPartitions: 2, configEntries: [{ name: "retention.ms", value: "5000" }] }] }), true);
  assert.equal(await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] }), false);
  await assert.rejects(admin.createTopics({ topics: [{ topic: `${topic}-wide`, replicationFactor: Number(brokers) + 1 }] }), (error) => error.errors[0].type === "INVALID_REPLICATION_FACTOR");
  const entries = await describe(ConfigResourceTypes.TOPIC, topic);
  assert.equal(Object.keys(entries).length, 36);
  assert.deepEqual([entries["retention.ms"].configValue, entries["retention.ms"].configSource], ["5000", ConfigSource.TOPIC_CONFIG]);
  assert.deepEqual(entries["max.message.bytes"].configSynonyms.map((each) => each.configName), ["message.max.bytes"]);
  const alter = (name, value) => admin.alterConfigs({ resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name, value }] }] });
  await alter("max.message.bytes", "2000");
  await until(async () => Object.values(await describe(ConfigResourceTypes.TOPIC, topic)).filter((entry) => entry.configSource === ConfigSource.TOPIC_CONFIG)
    .map((entry) => `${entry.configName}=${entry.configValue}`), ["max.message.bytes=2000"], "the altered configuration");
  await assert.rejects(alter("nothing", "1"), (error) => error.type === "INVALID_CONFIG");
  await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
  await until(async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length, 5, "partitions");
  await assert.rejects(admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }), (error) => (error.errors ? error.errors[0] : error).type === "INVALID_PARTITIONS");
  const cluster = await admin.describeCluster();
  assert.equal(cluster.brokers.length, Number(brokers));
  assert(cluster.brokers.some((broker) => broker.nodeId === cluster.controller), JSON.stringify(cluster));
  for (const broker of cluster.brokers) assert.equal((await describe(ConfigResourceTypes.BROKER, `${broker.nodeId}`))["broker.id"].configValue, `${broker.nodeId}`);
  assert.deepEqual((await admin.listPartitionReassignments({})).topics, []);
  const rules = { resourceType: AclResourceTypes.TOPIC, resourceName: topic, resourcePatternType: ResourcePatternTypes.LITERAL, operation: AclOperationTypes.ANY, permissionType: AclPermissionTypes.ANY };
  await assert.rejects(admin.describeAcls(rules), (error) => error.type === "SECURITY_DISABLED");
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
}

run().then(() => console.log("ok"), (error) => {
  console.error(error);
  process.exit(1);
});
