import { find, h, joined, keyed, many, number, say, short, time } from "./dom.js";
import { draw, sparkline } from "./sparkline.js";
import { memberColours, showStory } from "./story.js";

/** @typedef {import("./types.js").Group} Group */
/** @typedef {import("./live.js").Live} Live */
/** @typedef {import("./colours.js").Colours} Colours */

const MOST_LINES = 8;

/** @param {HTMLElement} place @param {Live} live */
export function showGroups(place, live) {
  const groups = [...live.groups.values()].sort((a, b) => Number(a.members.length === 0) - Number(b.members.length === 0) || a.group.localeCompare(b.group));
  keyed(place, groups, (group) => group.group, create, (card, group) => update(card, group, live));
  place.dataset.none = live.ready && groups.length === 0 ? "No consumer group yet. One appears here when its first member joins." : "";
}

function create() {
  return h("article", { class: "card group" },
    h("div", { class: "head" },
      h("div", {}, h("h3"), h("p", { class: "facts" })),
      h("span", { class: "pill" }),
      h("div", { class: "lag", title: "records that the group has not read yet, now and over the last minute" }, h("b"), h("small", {}, "lag"), sparkline("lag over the last minute"))),
    h("div", { class: "maps" }), h("p", { class: "caption" }, "A square is a partition in its owner's colour; underlined, it has lag. The stripes below are the generations before."), h("ul", { class: "members" }), h("ol", { class: "story" }));
}

/** @param {HTMLElement} card @param {Group} group @param {Live} live */
function update(card, group, live) {
  const colours = memberColours(group.group);
  colours.keep(group.members.map((member) => member.member_id).sort());
  say(find("h3", card), group.group);
  const facts = [group.generation === null ? "" : `generation ${group.generation}`, group.assignor, `coordinator node ${group.coordinator}`];
  say(find(".facts", card), joined(facts));
  const [state, words] = stateOf(group);
  const pill = find(".pill", card);
  say(pill, words);
  pill.dataset.state = state;
  say(find(".lag b", card), short(group.lag));
  draw(/** @type {SVGElement} */ (/** @type {unknown} */ (card.querySelector(".sparkline"))), live.samples.get(`group/${group.group}`) ?? []);
  showMaps(find(".maps", card), group, live, colours);
  showMembers(find(".members", card), group, colours);
  showStory(find(".story", card), live.happened.filter((happened) => happened.where === group.group).slice(0, MOST_LINES), false);
}

/** @param {Group} group @returns {["good" | "busy" | "idle", string]} */
function stateOf(group) {
  switch (group.state) {
    case "Stable": return ["good", many(group.members.length, "member")];
    case "PreparingRebalance": return ["busy", "members rejoin"];
    case "CompletingRebalance": return ["busy", "assigning"];
    default: return ["idle", "no members"];
  }
}

/** @param {HTMLElement} place @param {Group} group @param {Live} live @param {Colours} colours */
function showMaps(place, group, live, colours) {
  const names = new Map(group.members.map((member) => [member.member_id, member.group_instance_id ?? member.client_id]));
  const topics = [...new Set(group.offsets.map((offset) => offset.topic))];
  keyed(place, topics, (topic) => topic, () => h("div", { class: "map" }, h("p"), h("div", { class: "now" }), h("div", { class: "past" })), (map, topic) => {
    const offsets = group.offsets.filter((offset) => offset.topic === topic);
    say(find("p", map), topic);
    map.classList.toggle("some", offsets.length > 2);
    map.classList.toggle("more", offsets.length > 8);
    map.classList.toggle("many", offsets.length > 24);
    keyed(find(".now", map), offsets, (offset) => String(offset.partition), () => h("span"), (cell, offset) => {
      cell.className = `cell ${colours.of(offset.member_id)}`;
      cell.classList.toggle("behind", (offset.lag ?? 0) > 0);
      say(cell, String(offset.partition));
      const owner = offset.member_id === null ? "nobody" : (names.get(offset.member_id) ?? offset.member_id);
      cell.title = `${topic} ${offset.partition}: ${owner}\ncommitted ${number(offset.committed_offset)} of ${number(offset.end_offset)}, lag ${number(offset.lag)}`;
    });
    const past = (live.past.get(group.group) ?? []).slice(1);
    keyed(find(".past", map), past, (was) => String(was.at), () => h("div"), (row, was) => {
      row.title = `${was.generation === null ? "before" : `generation ${was.generation}`}, from ${time(was.at)}`;
      row.dataset.generation = was.generation === null ? "" : String(was.generation);
      keyed(row, offsets, (offset) => String(offset.partition), () => h("i"), (cell, offset) => {
        cell.className = colours.of(was.owners.get(`${topic}/${offset.partition}`));
      });
    });
  });
}

/** @param {HTMLElement} place @param {Group} group @param {Colours} colours */
function showMembers(place, group, colours) {
  const members = [...group.members].sort((a, b) => colours.place(a.member_id) - colours.place(b.member_id));
  keyed(place, members, (member) => member.member_id, () => h("li", {}, h("b"), h("span"), h("small"), h("em")), (line, member) => {
    const badge = find("b", line);
    badge.className = colours.of(member.member_id);
    say(badge, colours.letter(member.member_id));
    say(find("span", line), member.group_instance_id ?? member.client_id);
    say(find("small", line), `${member.group_instance_id === null ? "" : "static · "}${member.host.replace("/", "")} · ${many(member.assignment.length, "partition")}`);
    say(find("em", line), member.lag === 0 ? "" : `lag ${short(member.lag)}`);
    line.title = member.member_id;
  });
}
