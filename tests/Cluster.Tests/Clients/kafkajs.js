// node kafkajs.js produce BOOTSTRAP TOPIC PREFIX COUNT: writes PREFIX-0, PREFIX-1, … with keys.
// node kafkajs.js consume BOOTSTRAP TOPIC GROUP COUNT: prints so many values, read as a member of the group, and commits.
const { Kafka, Partitioners, logLevel } = require("kafkajs");

const [what, bootstrap, topic, name, count] = process.argv.slice(2);
const kafka = new Kafka({ brokers: bootstrap.split(","), logLevel: logLevel.ERROR, retry: { retries: 10 } });

async function produce() {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const messages = Array.from({ length: Number(count) }, (_, i) => ({ key: `${i}`, value: `${name}-${i}` }));
  await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
}

async function consume() {
  const consumer = kafka.consumer({ groupId: name });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const values = [];
  await new Promise((done, failed) => {
    setTimeout(() => failed(new Error(`${values.length} of ${count} came within 30 s`)), 30000);
    consumer.run({
      eachMessage: async ({ message }) => {
        values.push(message.value.toString());
        if (values.length === Number(count)) done();
      },
    }).catch(failed);
  });
  console.log(values.join("\n"));
  await consumer.disconnect();
}

(what === "produce" ? produce() : consume()).then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
