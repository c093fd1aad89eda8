// node kafkajs.js BOOTSTRAP none|gzip|snappy|lz4: makes a topic, writes and reads records under the codec; without one also finds
// and sets offsets and asks for groups; prints ok.
const assert = require("assert");
const { Kafka, CompressionCodecs, CompressionTypes, Partitioners, logLevel } = require("kafkajs");
const lz4 = require("lz4js");

CompressionCodecs[CompressionTypes.Snappy] = require("kafkajs-snappy");
CompressionCodecs[CompressionTypes.LZ4] = () => ({ compress: async (encoder) => Buffer.from(lz4.compress(encoder.buffer)), decompress: async (buffer) => Buffer.from(lz4.decompress(buffer)) });

const [bootstrap, codec] = process.argv.slice(2);
const compression = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy, lz4: CompressionTypes.LZ4 }[codec];
const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 3 } });
const [topic, group] = [`kafkajs-${codec}`, `kafkajs-${codec}-readers`];
const [partitions, count, start] = [3, 900, Date.now() - 3600000];
const admin = kafka.admin();
const sent = Array.from({ length: count }, (_, i) => ({
  key: i % 5 ? `key-${i % 50}` : null,
  value: i % 7 ? `värde ${i} ${"x".repeat(i % 300)}` : null,
  timestamp: `${start + i}`,
  partition: i % partitions,
  headers: i % 3 ? {} : { n: `${i}`, many: ["a", "b"] },
}));
const text = (bytes) => bytes && bytes.toString();
const shown = ({ key, value, timestamp, headers }) =>
  JSON.stringify([text(key), text(value), timestamp, Object.entries(headers).map(([name, values]) => [name, [].concat(values).map(text)])]);

// Reads so many records; begin is called when the consumer runs.
async function read(groupId, many, { begin = () => {}, commit = false, fromBeginning = true } = {}) {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 50, heartbeatInterval: 200, rebalanceTimeout: 5000 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning });
  const found = [];
  let timer;
  await new Promise((done, failed) => {
    timer = setTimeout(() => failed(new Error(`${found.length} of ${many} records came within 20 s`)), 20000);
    consumer.on(consumer.events.CRASH, ({ payload }) => failed(payload.error));
    consumer.run({ autoCommit: commit, autoCommitThreshold: 1, eachMessage: async ({ partition, message }) => { if (found.push({ partition, ...message }) === many) done(); } })
      .then(() => begin(consumer), failed);
  });
  clearTimeout(timer);
  await consumer.disconnect();
  return found;
}

async function records() {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const answers = await producer.send({ topic, acks: -1, compression, messages: sent });
  assert.deepEqual(answers.map((a) => [a.partition, a.errorCode, a.baseOffset]).sort(), [[0, 0, "0"], [1, 0, "0"], [2, 0, "0"]]);
  const found = await read(`${group}-all`, count);
  for (let p = 0; p < partitions; p++) {
    const [wanted, came] = [sent.filter((m) => m.partition === p), found.filter((m) => m.partition === p)];
    assert.deepEqual(came.map(shown), wanted.map(shown));
    assert.deepEqual(came.map((m) => m.offset), wanted.map((_, i) => `${i}`));
  }
  await admin.createTopics({ topics: [{ topic: `${topic}-small`, configEntries: [{ name: "max.message.bytes", value: "1000" }] }] });
  await assert.rejects(producer.send({ topic: `${topic}-small`, messages: [{ value: "x".repeat(2000) }] }), (error) => error.type === "MESSAGE_TOO_LARGE");
  await producer.disconnect();
}

async function offsets() {
  const ends = (found) => found.sort((a, b) => a.partition - b.partition).map((each) => each.offset);
  const all = await admin.fetchTopicOffsets(topic);
  assert.deepEqual([ends(all), all[0].low, all[0].high], [["300", "300", "300"], "0", "300"]);
  assert.deepEqual(ends(await admin.fetchTopicOffsetsByTimestamp(topic, start + 450)), ["150", "150", "150"]);
  const sought = await read(`${group}-sought`, 10, { fromBeginning: false, begin: (consumer) => consumer.seek({ topic, partition: 1, offset: "290" }) });
  assert.deepEqual(sought.map((m) => [m.partition, m.offset]), Array.from({ length: 10 }, (_, i) => [1, `${290 + i}`]));
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "100" }] });
  assert.equal((await admin.fetchTopicOffsets(topic)).find((each) => each.partition === 0).low, "100");
}

async function groups() {
  const first = await read(group, 300, { commit: true });
  const committed = async () => Object.fromEntries((await admin.fetchOffsets({ groupId: group, topics: [topic] }))[0].partitions.map((p) => [p.partition, Number(p.offset)]));
  const after = await committed();
  for (let p = 0; p < partitions; p++) assert.equal(after[p], Math.max(-1, ...first.filter((m) => m.partition === p).map((m) => Number(m.offset) + 1)));
  // KafkaJS takes five seconds for it: a fetch of its own that finds nothing.
  await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: "250" }, { partition: 1, offset: "295" }, { partition: 2, offset: "300" }] });
  assert.deepEqual(await committed(), { 0: 250, 1: 295, 2: 300 });
  const rest = await read(group, 55, { commit: true });
  assert.deepEqual([0, 1, 2].map((p) => rest.filter((m) => m.partition === p).length), [50, 5, 0]);
  const member = kafka.consumer({ groupId: `${group}-living`, maxWaitTimeInMs: 50, heartbeatInterval: 200 });
  await member.connect();
  await member.subscribe({ topic });
  const joined = new Promise((done) => member.on(member.events.GROUP_JOIN, ({ payload }) => done(payload)));
  await member.run({ eachMessage: async () => {} });
  assert.deepEqual((await joined).memberAssignment[topic].sort(), [0, 1, 2]);
  const [described] = (await admin.describeGroups([`${group}-living`])).groups;
  assert.deepEqual([described.state, described.protocol, described.protocolType, described.members.length], ["Stable", "RoundRobinAssigner", "consumer", 1]);
  assert((await admin.listGroups()).groups.some((each) => each.groupId === group && each.protocolType === "consumer"));
  await assert.rejects(admin.deleteGroups([`${group}-living`]), (error) => error.groups[0].error.type === "NON_EMPTY_GROUP");
  await member.disconnect();
  await admin.deleteGroups([group]);
  assert(!(await admin.listGroups()).groups.some((each) => each.groupId === group));
}

async function run() {
  await admin.connect();
  assert.equal(await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] }), true);
  assert((await admin.listTopics()).includes(topic));
  assert.equal((await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length, partitions);
  await records();
  if (codec === "none") {
    await offsets();
    await groups();
  }
  await admin.deleteTopics({ topics: [topic] });
  assert(!(await admin.listTopics()).includes(topic));
  await admin.disconnect();
}

run().then(() => { console.log("ok"); process.exit(0); }, (error) => {
  console.error(error);
  process.exit(1);
});
