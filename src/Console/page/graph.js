import { s } from "./dom.js";

/** @typedef {import("./types.js").Graph} Graph */
/** @typedef {import("./types.js").GraphNode} GraphNode */
/** @typedef {{ node: GraphNode, layer: number, x: number, y: number, width: number, height: number, lines: string[] }} Box */

const CHARACTER = 7.25, LINE = 17, WIDE = 44, NARROW = 26, MARGIN = 8, GAP = 18, BETWEEN = 56;

/**
 * A topology as layers of boxes: topics, flows with their stages, and arrows from who feeds to who is fed.
 * @param {Graph} graph
 * @param {boolean} down layers below each other, for narrow places, instead of side by side
 */
export function drawGraph(graph, down) {
  const boxes = layOut(graph, down);
  const width = Math.max(...[...boxes.values()].map((box) => box.x + box.width), 0) + MARGIN;
  const height = Math.max(...[...boxes.values()].map((box) => box.y + box.height), 0) + MARGIN;
  const arrow = s("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, s("path", { d: "M0 0 8 4 0 8z" }));
  const svg = s("svg", { class: "graph", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": "the topology's graph" }, s("defs", {}, arrow));
  for (const { from, to } of graph.edges) {
    const [a, b] = [boxes.get(from), boxes.get(to)];
    if (a && b) svg.append(s("path", { class: "edge", d: curve(a, b, down), "marker-end": "url(#arrow)" }));
  }
  for (const box of boxes.values()) svg.append(drawBox(box));
  return svg;
}

/** @param {Box} box */
function drawBox(box) {
  const { node, x, y, width, height } = box;
  const group = s("g", { class: `box ${node.kind}` },
    s("rect", { x, y, width, height, rx: node.kind === "flow" ? 8 : height / 2 }),
    s("title", {}, [node.label, ...node.stages].join("\n")));
  box.lines.forEach((line, i) => {
    const centred = node.kind !== "flow";
    group.append(s("text", { x: centred ? x + width / 2 : x + 12, y: y + 20 + i * LINE, class: i === 0 ? "name" : "stage", "text-anchor": centred ? "middle" : "start" }, line));
  });
  return group;
}

/** @param {Box} a @param {Box} b @param {boolean} down */
function curve(a, b, down) {
  if (down) {
    const [x1, y1, x2, y2] = [a.x + a.width / 2, a.y + a.height, b.x + b.width / 2, b.y - 2];
    return `M${x1} ${y1}C${x1} ${(y1 + y2) / 2} ${x2} ${(y1 + y2) / 2} ${x2} ${y2}`;
  }
  const [x1, y1, x2, y2] = [a.x + a.width, a.y + a.height / 2, b.x - 2, b.y + b.height / 2];
  return `M${x1} ${y1}C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`;
}

/** @param {Graph} graph @param {boolean} down @returns {Map<string, Box>} */
function layOut(graph, down) {
  const layers = layersOf(graph);
  /** @type {Map<string, Box>} */
  const boxes = new Map();
  let along = MARGIN;
  /** @type {number[]} */
  const across = [];
  for (const [layer, nodes] of layers.entries()) {
    const row = inOrder(nodes, graph, boxes, down).map((node) => box(node, layer, down ? NARROW : WIDE));
    let place = MARGIN;
    for (const one of row) {
      [one.x, one.y] = down ? [place, along] : [along, place];
      place += (down ? one.width : one.height) + GAP;
      boxes.set(one.node.id, one);
    }
    across.push(place - GAP);
    along += Math.max(...row.map((one) => (down ? one.height : one.width)), 0) + BETWEEN;
  }
  // Each layer stands in the middle of the widest.
  const most = Math.max(...across, 0);
  for (const one of boxes.values()) {
    const shift = (most - across[one.layer]) / 2;
    if (down) one.x += shift;
    else one.y += shift;
  }
  return boxes;
}

/** @param {GraphNode} node @param {number} layer @param {number} most characters of a line @returns {Box} */
function box(node, layer, most) {
  const lines = [short(node.label, most), ...node.stages.flatMap((stage) => wrapped(stage, most))];
  return { node, layer, x: 0, y: 0, width: Math.max(...lines.map((line) => line.length)) * CHARACTER + 28, height: lines.length * LINE + 14, lines };
}

/** @param {string} text @param {number} most */
const short = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** A stage in lines, those after its first one indented. @param {string} stage @param {number} most @returns {string[]} */
function wrapped(stage, most) {
  const lines = [""];
  for (const word of stage.split(" ")) {
    const line = lines[lines.length - 1];
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= most) lines[lines.length - 1] += ` ${word}`;
    else lines.push(`\u00a0\u00a0${word}`);
  }
  return lines.map((line) => short(line, most));
}

/** The longest way from a start decides a node's layer; a circle is cut where it closes. @param {Graph} graph @returns {GraphNode[][]} */
function layersOf(graph) {
  /** @type {Map<string, number>} */
  const depth = new Map();
  /** @param {string} id @param {Set<string>} above @returns {number} */
  const of = (id, above) => {
    const known = depth.get(id);
    if (known !== undefined) return known;
    if (above.has(id)) return 0;
    const feeders = graph.edges.filter((edge) => edge.to === id).map((edge) => of(edge.from, new Set(above).add(id)) + 1);
    const found = Math.max(0, ...feeders);
    depth.set(id, found);
    return found;
  };
  /** @type {GraphNode[][]} */
  const layers = [];
  for (const node of graph.nodes) (layers[of(node.id, new Set())] ??= []).push(node);
  return Array.from(layers, (layer) => layer ?? []);
}

/** Near those who feed them, so that few arrows cross. @param {GraphNode[]} nodes @param {Graph} graph @param {Map<string, Box>} placed @param {boolean} down */
function inOrder(nodes, graph, placed, down) {
  /** @param {GraphNode} node */
  const pull = (node) => {
    const at = graph.edges.filter((edge) => edge.to === node.id).map((edge) => placed.get(edge.from)).filter((one) => one !== undefined).map((one) => (down ? one.x : one.y));
    return at.length === 0 ? 0 : at.reduce((sum, one) => sum + one, 0) / at.length;
  };
  return nodes.map((node, i) => ({ node, i, pull: pull(node) })).sort((a, b) => a.pull - b.pull || a.i - b.i).map((one) => one.node);
}
