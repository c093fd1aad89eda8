import { find, h, joined, keyed, many, say, short } from "./dom.js";
import { drawGraph } from "./graph.js";

/** @typedef {import("./live.js").Live} Live */

const NARROW = 700;

/** @type {Map<string, import("./types.js").Graph | "asked">} */
const graphs = new Map();

/** @param {HTMLElement} place @param {Live} live @param {import("./colours.js").Colours} nodes @param {() => void} changed */
export function showTopologies(place, live, nodes, changed) {
  const topologies = [...live.topologies.values()].sort((a, b) => a.name.localeCompare(b.name));
  for (const known of graphs.keys()) if (!live.topologies.has(known)) graphs.delete(known);
  keyed(place, topologies, (topology) => topology.name, create, (card, topology) => {
    const state = topology.state.toLowerCase();
    say(find("h3", card), topology.name);
    say(find(".facts", card), `${joined([topology.guarantee, many(topology.tasks.length, "task")])}${topology.reason ? ` · ${topology.reason}` : ""}`);
    const pill = find(".pill", card);
    say(pill, state);
    pill.dataset.state = state === "running" ? "good" : state === "failed" ? "bad" : "busy";
    keyed(find(".tasks", card), topology.tasks, (task) => task.id, () => h("span"), (chip, task) => {
      chip.className = `task ${nodes.of(String(task.node))}`;
      say(chip, `${task.id}${task.lag > 0 ? ` · ${short(task.lag)}` : ""}`);
      chip.title = `task ${task.id}: ${String(task.state).toLowerCase()} on node ${task.node}, lag ${short(task.lag)}`;
    });
    showGraph(find(".drawing", card), topology.name, changed);
  });
  place.dataset.none = live.ready && topologies.length === 0 ? "No topology yet: actors topologies deploy FILE" : "";
}

function create() {
  return h("article", { class: "card topology" },
    h("div", { class: "head" }, h("div", {}, h("h3"), h("p", { class: "facts" })), h("span", { class: "pill" })),
    h("div", { class: "drawing" }), h("div", { class: "tasks" }),
    h("p", { class: "caption" }, "A task has the colour of the node that runs it; a number behind it is its lag."));
}

/** @param {HTMLElement} place @param {string} name @param {() => void} changed */
function showGraph(place, name, changed) {
  const graph = graphs.get(name);
  if (graph === undefined) {
    graphs.set(name, "asked");
    void ask(name).then(changed);
    return;
  }
  const down = place.clientWidth < NARROW;
  if (graph === "asked" || place.dataset.drawn === String(down)) return;
  place.replaceChildren(drawGraph(graph, down));
  place.dataset.drawn = String(down);
}

/** @param {string} name */
async function ask(name) {
  try {
    const response = await fetch(`/topologies/${encodeURIComponent(name)}/graph`);
    if (response.ok) graphs.set(name, await response.json());
  } catch {
    // The node went away: asked again when it is back.
    graphs.delete(name);
  }
}
