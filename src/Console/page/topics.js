import { find, h, keyed, many, number, say, short } from "./dom.js";
import { draw, sparkline } from "./sparkline.js";

/** @typedef {import("./live.js").Live} Live */

const MOST_TOPICS = 100;

/**
 * @param {HTMLElement} place
 * @param {Live} live
 * @param {import("./colours.js").Colours} nodes
 * @param {boolean} internalToo
 */
export function showTopics(place, live, nodes, internalToo) {
  const all = [...live.topics.values()].filter((topic) => internalToo || !isInternal(topic, live));
  const topics = all.sort((a, b) => a.topic.localeCompare(b.topic)).slice(0, MOST_TOPICS);
  keyed(place, topics, (topic) => topic.topic, create, (row, topic) => {
    const records = topic.partitions.every((p) => p.end_offset === null) ? null : topic.partitions.reduce((sum, p) => sum + (p.end_offset ?? 0), 0);
    say(find("h3", row), topic.topic);
    say(find(".facts", row), `${many(topic.partitions.length, "partition")} · ${short(records)} records`);
    row.classList.toggle("many", topic.partitions.length > 24);
    keyed(find(".now", row), topic.partitions, (p) => String(p.partition), () => h("span"), (cell, partition) => {
      cell.className = `cell ${nodes.of(String(partition.leader))}`;
      say(cell, String(partition.partition));
      cell.title = `partition ${partition.partition}: ${partition.leader < 0 ? "no leader" : `led by node ${partition.leader}`}, epoch ${partition.leader_epoch}\nend ${number(partition.end_offset)}, ${number(partition.rate)} records/s`;
    });
    say(find(".rate b", row), short(topic.rate));
    draw(/** @type {SVGElement} */ (/** @type {unknown} */ (row.querySelector(".sparkline"))), live.samples.get(`topic/${topic.topic}`) ?? []);
  });
  place.dataset.none = live.ready && topics.length === 0 ? "No topic yet. Producing to one makes it, or: actors topics create --topic NAME" : "";
}

/** Kafka's own, and what topologies keep for themselves. @param {import("./types.js").Topic} topic @param {Live} live */
function isInternal(topic, live) {
  if (topic.internal || topic.topic.startsWith("__")) return true;
  return /-(changelog|repartition)$/.test(topic.topic) && [...live.topologies.keys()].some((name) => topic.topic.startsWith(`${name}-`));
}

function create() {
  return h("article", { class: "topic" },
    h("div", {}, h("h3"), h("p", { class: "facts" })),
    h("div", { class: "now", "aria-label": "partitions, coloured by the node that leads them" }),
    h("div", { class: "rate", title: "records a second, now and over the last minute" }, h("b"), h("small", {}, "records/s"), sparkline("records a second over the last minute")));
}
