/**
 * An element with its properties and children. Property `class` sets classes, `title` and the like are attributes.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * The same for SVG.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * Keeps one child an item, in the items' order; what is there already stays the same element, so that changes of it can be seen.
 * @template T
 * @template {HTMLElement | SVGElement} E
 * @param {Element} parent
 * @param {Iterable<T>} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => E} create
 * @param {(element: E, item: T) => void} update
 */
export function keyed(parent, items, keyOf, create, update) {
  const there = new Map([...parent.children].map((child) => [/** @type {HTMLElement | SVGElement} */ (child).dataset.key ?? "", child]));
  let before = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let element = /** @type {E | undefined} */ (there.get(key));
    if (element === undefined) {
      element = create(item);
      element.dataset.key = key;
    }
    there.delete(key);
    if (element === before) before = before.nextElementSibling;
    else parent.insertBefore(element, before);
    update(element, item);
  }
  for (const gone of there.values()) gone.remove();
}

/**
 * Sets a text only where it changes, so that a selection in it lives.
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {string} selector @param {ParentNode} [within] @returns {HTMLElement} */
export function find(selector, within = document) {
  const found = within.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`nothing on the page is ${selector}`);
  return found;
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** @param {number | null} value */
export const number = (value) => (value === null ? "–" : whole.format(value));

/** @param {number | null} value */
export const short = (value) => (value === null ? "–" : value < 10_000 ? whole.format(value) : compact.format(value));

/** @param {number} at epoch milliseconds */
export const time = (at) => new Date(at).toLocaleTimeString("en-GB");

/** What is not empty, one beside the other; a line breaks only between two. @param {string[]} facts */
export const joined = (facts) => facts.filter((fact) => fact !== "").map((fact) => fact.replaceAll(" ", "\u00a0")).join(" · ");

/** @param {number} count @param {string} one */
export const many = (count, one) => `${number(count)} ${one}${count === 1 ? "" : "s"}`;
