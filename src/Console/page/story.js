import { Colours } from "./colours.js";
import { find, h, keyed, say, time } from "./dom.js";

/** @typedef {import("./types.js").Happened} Happened */

/** @type {Map<string, Colours>} by group */
const coloursOf = new Map();

/** The colours of a group's members. @param {string} group */
export function memberColours(group) {
  const known = coloursOf.get(group) ?? new Colours();
  coloursOf.set(group, known);
  return known;
}

/**
 * Lines of what happened, each member with its letter in its colour.
 * @param {HTMLElement} place
 * @param {Happened[]} lines
 * @param {boolean} withPlaces also says where
 */
export function showStory(place, lines, withPlaces) {
  keyed(place, lines, (line) => String(line.number), (line) => create(line, withPlaces), (element, line) => {
    if (line.member === null) return;
    // A member has no colour before the group that it joined is drawn.
    const colours = memberColours(line.where);
    const badge = find("i", element);
    badge.hidden = !colours.knows(line.member);
    badge.className = colours.of(line.member);
    say(badge, colours.letter(line.member));
  });
}

/** @param {Happened} line @param {boolean} withPlace */
function create(line, withPlace) {
  const parts = [h("time", {}, time(line.at)), ...(withPlace ? [h("b", {}, line.where)] : []), h("span", {}, ...(line.member === null ? [] : [h("i"), " "]), line.what)];
  return h("li", { "data-kind": line.kind }, ...parts);
}
