import { find, h, keyed, many, say } from "./dom.js";

/**
 * @param {HTMLElement} place
 * @param {import("./live.js").Live} live
 * @param {import("./colours.js").Colours} colours
 */
export function showNodes(place, live, colours) {
  const nodes = live.cluster?.nodes ?? [];
  const leaders = nodes.reduce((sum, node) => sum + node.leaders, 0);
  keyed(place, nodes, (node) => String(node.id), create, (card, node) => {
    card.className = `card node ${colours.of(String(node.id))}`;
    say(find("h3 b", card), `Node ${node.id}`);
    const marks = [node.id === live.cluster?.controller ? "controller" : "", node.id === live.cluster?.this_node ? "here" : ""].filter((mark) => mark !== "");
    say(find("h3 small", card), marks.join(" · "));
    const status = find(".pill", card);
    say(status, node.status);
    status.dataset.state = node.status === "up" ? "good" : node.status === "down" ? "bad" : "busy";
    say(find(".address", card), node.kafka);
    say(find(".figures", card), `${many(node.leaders, "leader")} · ${many(node.groups, "group")} · ${many(node.tasks, "task")}`);
    find(".share i", card).style.width = `${leaders === 0 ? 0 : (100 * node.leaders) / leaders}%`;
    find(".share", card).title = `leads ${node.leaders} of ${leaders} partitions`;
  });
}

function create() {
  return h("article", {},
    h("h3", {}, h("b"), " ", h("small")), h("span", { class: "pill" }),
    h("p", { class: "address" }), h("div", { class: "share" }, h("i")), h("p", { class: "figures" }));
}
