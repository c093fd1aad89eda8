// node member.js BOOTSTRAP[,BOOTSTRAP...] TOPIC GROUP NAME HEARTBEAT_MS [--counts]: KafkaJS as a member of a group (round robin) until SIGTERM, on which it leaves.
// Says "owns 0,1,2" when its partitions change; with --counts it begins at the first record, commits every 200 ms and says "read PARTITION OFFSET MS"
// and "committed PARTITION OFFSET MS" (milliseconds since 1970).
const { Kafka, logLevel } = require("kafkajs");

const [bootstrap, topic, group, name, heartbeat, counts] = process.argv.slice(2);
// KafkaJS looks for another coordinator only after all its retries, when the member begins anew, under another id.
const retry = counts ? { initialRetryTime: 100, maxRetryTime: 500, retries: 3 } : undefined;
const kafka = new Kafka({ clientId: name, brokers: bootstrap.split(","), logLevel: logLevel.NOTHING, retry });
const consumer = kafka.consumer({ groupId: group, sessionTimeout: 6000, heartbeatInterval: Number(heartbeat), maxWaitTimeInMs: 100, retry });

consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => console.log(`owns ${(payload.memberAssignment[topic] ?? []).sort((a, b) => a - b).join(",")}`));
consumer.on(consumer.events.REBALANCING, () => console.log("owns "));
consumer.on(consumer.events.CRASH, ({ payload }) => {
  console.log(`error ${payload.error.name} ${payload.error.message}`);
  // KafkaJS gives up for good when no broker names a coordinator or a leader within its retries; who runs a consumer then starts it again.
  if (!payload.restart) start();
});
if (counts) {
  consumer.on(consumer.events.COMMIT_OFFSETS, ({ payload, timestamp }) => {
    for (const { partitions } of payload.topics) for (const { partition, offset } of partitions) console.log(`committed ${partition} ${offset} ${timestamp}`);
  });
}
process.on("SIGTERM", async () => {
  await consumer.disconnect();
  process.exit(0);
});

async function start() {
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: Boolean(counts) });
    await consumer.run({
      autoCommit: Boolean(counts),
      autoCommitInterval: 200,
      eachMessage: async ({ partition, message }) => counts && console.log(`read ${partition} ${message.offset} ${Date.now()}`),
    });
  } catch (e) {
    console.log(`error ${e.name} ${e.message}`);
    setTimeout(start, 200);
  }
}

start();
