/** How many colours for members and nodes the style sheet has. */
const COLOURS = 9;

/** Gives each of those who are there at once a colour of its own, and the same one as long as it stays. */
export class Colours {
  /** @type {Map<string, number>} */ #of = new Map();
  /** @type {Map<string, number>} colours of those who are gone, for what was */ #once = new Map();

  /** @param {string[]} present in an order that does not change by itself */
  keep(present) {
    for (const [gone, colour] of this.#of) {
      if (present.includes(gone)) continue;
      this.#once.set(gone, colour);
      this.#of.delete(gone);
    }
    for (const key of present) {
      if (this.#of.has(key)) continue;
      const taken = new Set(this.#of.values());
      let free = 0;
      while (taken.has(free)) free++;
      this.#of.set(key, free);
    }
  }

  /** @param {string | null | undefined} key @returns {string} a class name */
  of(key) {
    const place = key == null ? undefined : (this.#of.get(key) ?? this.#once.get(key));
    return place === undefined ? "nobody" : `c${place % COLOURS}`;
  }

  /** @param {string} key @returns {string} A, B, … */
  letter(key) {
    const place = this.#of.get(key) ?? this.#once.get(key) ?? 0;
    return String.fromCharCode(65 + (place % 26)) + (place < 26 ? "" : String(Math.floor(place / 26)));
  }
}
