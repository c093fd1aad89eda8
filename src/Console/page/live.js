import { many } from "./dom.js";

/** @typedef {import("./types.js").Happened} Happened */

const MOST_HAPPENED = 60;
const MOST_SAMPLES = 60;
const MOST_PAST = 8;

/**
 * What the node tells: how things stand, what happened, and a minute of figures for the little curves.
 */
export class Live {
  /** @type {import("./types.js").Cluster | null} */ cluster = null;
  /** @type {Map<string, import("./types.js").Topic>} */ topics = new Map();
  /** @type {Map<string, import("./types.js").Group>} */ groups = new Map();
  /** @type {Map<string, import("./types.js").Topology>} */ topologies = new Map();
  /** @type {Happened[]} newest first */ happened = [];
  /** @type {Map<string, import("./types.js").PastAssignment[]>} by group, newest first */ past = new Map();
  /** @type {Map<string, number[]>} samples by what they are of */ samples = new Map();
  /** @type {"connecting" | "live" | "lost"} */ connection = "connecting";
  ready = false;
  #noted = 0;

  /** @param {() => void} changed called after every event */
  constructor(changed) {
    this.changed = changed;
    const events = new EventSource("/events");
    events.addEventListener("open", () => this.#opened());
    events.addEventListener("error", () => this.#lost());
    /** @type {Record<string, (data: any) => void>} */
    const takes = {
      cluster: (data) => this.#cluster(data),
      topic: (data) => this.topics.set(data.topic, data),
      "topic-gone": (data) => this.topics.delete(data.name),
      group: (data) => this.#group(data),
      "group-gone": (data) => this.groups.delete(data.name),
      topology: (data) => this.topologies.set(data.name, data),
      "topology-gone": (data) => this.topologies.delete(data.name),
      ready: () => (this.ready = true),
      "member-joined": (data) => this.#member(data, "in", "joined"),
      "member-left": (data) => this.#member(data, "out", data.reason || "is gone"),
      generation: (data) => this.#generation(data),
      assignment: (data) => this.#assignment(data),
      "leader-moved": (data) => this.#moved(data.at, data.topic, "leader", { what: String(data.partition), from: data.from, to: data.to }),
      "task-moved": (data) => this.#moved(data.at, data.topology, "task", { what: data.task, from: data.from, to: data.to }),
    };
    for (const [name, take] of Object.entries(takes)) {
      events.addEventListener(name, (event) => {
        take(JSON.parse(/** @type {MessageEvent<string>} */ (event).data));
        this.changed();
      });
    }
    setInterval(() => this.#sample(), 1000);
  }

  /** A new stream begins with how everything stands. */
  #opened() {
    this.connection = "live";
    this.ready = false;
    this.cluster = null;
    for (const standing of [this.topics, this.groups, this.topologies]) standing.clear();
    this.changed();
  }

  #lost() {
    this.connection = "lost";
    this.changed();
  }

  /** @param {import("./types.js").Cluster} now */
  #cluster(now) {
    const before = this.cluster;
    this.cluster = now;
    if (before === null) return;
    const status = new Map(before.nodes.map((node) => [node.id, node.status]));
    for (const node of now.nodes) {
      if (!status.has(node.id)) this.#note(Date.now(), "in", `node ${node.id}`, "joined");
      else if (status.get(node.id) !== node.status) this.#note(Date.now(), "turn", `node ${node.id}`, `is ${node.status}`);
      status.delete(node.id);
    }
    for (const gone of status.keys()) this.#note(Date.now(), "out", `node ${gone}`, "is gone");
  }

  /** What moves at the same time is one line. @param {number} at @param {string} where @param {"leader" | "task"} noun @param {import("./types.js").Move} move */
  #moved(at, where, noun, move) {
    const earlier = this.happened.find((line) => line.at === at && line.kind === "move" && line.where === where);
    const moves = [...(earlier?.moves ?? []), move];
    this.happened = this.happened.filter((line) => line !== earlier);
    this.#note(at, "move", where, told(noun, moves));
    this.happened[0].moves = moves;
  }

  /** @param {import("./types.js").Group} group */
  #group(group) {
    this.groups.set(group.group, group);
    // Known by its assignment already, unless the page is new or was away.
    if (group.state !== "Stable" || this.past.get(group.group)?.[0].generation === group.generation) return;
    this.#remember(group.group, group.generation, Date.now(), group.members);
  }

  /** @param {import("./types.js").MemberChange} change @param {"in" | "out"} kind @param {string} what */
  #member(change, kind, what) {
    this.#note(change.at, kind, change.group, `${change.group_instance_id ?? change.client_id} ${what}`, change.member_id);
  }

  /** @param {import("./types.js").Generation} generation */
  #generation(generation) {
    if (generation.members === 0) this.#note(generation.at, "turn", generation.group, "has no members any more");
  }

  /** @param {import("./types.js").Assignment} assignment */
  #assignment(assignment) {
    const now = this.#remember(assignment.group, assignment.generation, assignment.at, assignment.members);
    const before = this.past.get(assignment.group)?.[1];
    const moved = [...now.owners].filter(([partition, owner]) => before?.owners.get(partition) !== owner).length;
    const givenUp = [...(before?.owners.keys() ?? [])].filter((partition) => !now.owners.has(partition)).length;
    const number = assignment.generation === null ? "new assignment" : `generation ${assignment.generation}`;
    this.#note(assignment.at, "turn", assignment.group, `${number}: ${many(assignment.members.length, "member")}, ${many(moved, "partition")} moved${givenUp === 0 ? "" : `, ${givenUp} given up`} (${assignment.assignor})`);
  }

  /** @param {string} group @param {number | null} generation @param {number} at @param {import("./types.js").Member[]} members */
  #remember(group, generation, at, members) {
    /** @type {Map<string, string>} */
    const owners = new Map(members.flatMap((member) => member.assignment.map((p) => /** @type {const} */ ([`${p.topic}/${p.partition}`, member.member_id]))));
    const now = { generation, at, owners };
    const past = this.past.get(group) ?? [];
    const known = past.length > 0 && same(past[0], now) ? past.slice(1) : past;
    this.past.set(group, [now, ...known].slice(0, MOST_PAST));
    return now;
  }

  /** @param {number} at @param {Happened["kind"]} kind @param {string} where @param {string} what @param {string | null} [member] */
  #note(at, kind, where, what, member = null) {
    this.happened = [{ number: this.#noted++, at, kind, where, what, member, moves: [] }, ...this.happened].slice(0, MOST_HAPPENED);
  }

  #sample() {
    /** @type {[string, number | null][]} */
    const now = [
      ...[...this.topics.values()].map((topic) => /** @type {[string, number | null]} */ ([`topic/${topic.topic}`, topic.rate])),
      ...[...this.groups.values()].map((group) => /** @type {[string, number | null]} */ ([`group/${group.group}`, group.lag])),
    ];
    /** @type {Map<string, number[]>} */
    const next = new Map();
    for (const [of, value] of now) next.set(of, [...(this.samples.get(of) ?? []), value ?? 0].slice(-MOST_SAMPLES));
    this.samples = next;
    this.changed();
  }
}

/** One assignment, told twice. @param {import("./types.js").PastAssignment} one @param {import("./types.js").PastAssignment} other */
function same(one, other) {
  return one.generation === other.generation && one.owners.size === other.owners.size && [...one.owners].every(([partition, owner]) => other.owners.get(partition) === owner);
}

/** @param {"leader" | "task"} noun @param {import("./types.js").Move[]} moves */
function told(noun, moves) {
  const node = (/** @type {number} */ id) => (id < 0 ? "nobody" : `node ${id}`);
  const from = [...new Set(moves.map((move) => move.from))];
  const to = [...new Set(moves.map((move) => move.to))].sort((a, b) => a - b);
  const things = `${noun === "leader" ? "partition" : "task"}${moves.length === 1 ? "" : "s"}`;
  const parts = to.map((id) => `${moves.filter((move) => move.to === id).map((move) => move.what).join(", ")} ${noun === "leader" ? "led by" : "on"} ${node(id)}`);
  return `${things} ${parts.join("; ")} (before: ${from.map(node).join(", ")})`;
}
