// node member.js BOOTSTRAP TOPIC GROUP NAME HEARTBEAT_MS: KafkaJS as a member of a group (round robin) until SIGTERM, on which it leaves.
// Says "owns 0,1,2" when its partitions change.
const { Kafka, logLevel } = require("kafkajs");

const [bootstrap, topic, group, name, heartbeat] = process.argv.slice(2);
const kafka = new Kafka({ clientId: name, brokers: [bootstrap], logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: group, sessionTimeout: 6000, heartbeatInterval: Number(heartbeat), maxWaitTimeInMs: 100 });

consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => console.log(`owns ${(payload.memberAssignment[topic] ?? []).sort((a, b) => a - b).join(",")}`));
consumer.on(consumer.events.REBALANCING, () => console.log("owns "));
process.on("SIGTERM", async () => {
  await consumer.disconnect();
  process.exit(0);
});

(async () => {
  await consumer.connect();
  await consumer.subscribe({ topic });
  await consumer.run({ autoCommit: false, eachMessage: async () => {} });
})();
