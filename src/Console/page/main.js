import { Colours } from "./colours.js";
import { find, h, keyed, number, say, short } from "./dom.js";
import { showGroups } from "./groups.js";
import { Live } from "./live.js";
import { showNodes } from "./nodes.js";
import { showStory } from "./story.js";
import { showTopics } from "./topics.js";
import { showTopologies } from "./topologies.js";

const nodeColours = new Colours();
const internal = /** @type {HTMLInputElement} */ (find("#show-internal"));
let waiting = false;

/** Many events are one drawing. */
function changed() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    show();
  });
}

const live = new Live(changed);
internal.addEventListener("change", changed);
addEventListener("resize", changed);

function show() {
  const connection = find("#connection");
  connection.dataset.state = live.connection;
  say(connection, live.connection === "live" ? "live" : live.connection === "lost" ? "the node does not answer, trying again" : "connecting");
  // While the node is away, what was last known stays on the page.
  if (live.connection === "lost" || !live.ready) return;
  nodeColours.keep((live.cluster?.nodes ?? []).map((node) => String(node.id)));
  const problems = live.cluster?.problems ?? [];
  find("#problems").hidden = problems.length === 0;
  say(find("#problems"), problems.length === 0 ? "" : `Not known at the moment: ${problems.slice(0, 3).join("; ")}${problems.length > 3 ? ` and ${problems.length - 3} more` : ""}`);
  showTotals();
  showNodes(find("#nodes"), live, nodeColours);
  showGroups(find("#groups"), live);
  showTopics(find("#topics"), live, nodeColours, internal.checked);
  showTopologies(find("#topologies"), live, nodeColours, changed);
  showStory(find("#happened"), live.happened, true);
  find("#happened").dataset.none = live.happened.length === 0 ? "Nothing since this page was opened. Start or stop a consumer, or a node." : "";
  document.body.dataset.ready = "true";
}

function showTotals() {
  const topics = [...live.topics.values()];
  const rate = topics.reduce((sum, topic) => sum + (topic.rate ?? 0), 0);
  const lag = [...live.groups.values()].reduce((sum, group) => sum + group.lag, 0);
  const members = [...live.groups.values()].reduce((sum, group) => sum + group.members.length, 0);
  /** @type {[string, string][]} */
  const totals = [["nodes", number(live.cluster?.nodes.length ?? 0)], ["records/s", short(rate)], ["members", number(members)], ["lag", short(lag)]];
  keyed(find("#totals"), totals, ([name]) => name, ([name]) => h("div", {}, h("dt", {}, name), h("dd")), (total, [, value]) => say(find("dd", total), value));
}
