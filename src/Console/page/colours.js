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
      this.#of.set(key, this.#free(key));
    }
  }

  /** Its own colour again for one that comes back; else one that nobody had, so that what was can be told from what is, as long as there are such. @param {string} key */
  #free(key) {
    const taken = new Set(this.#of.values());
    const own = this.#once.get(key);
    if (own !== undefined && !taken.has(own)) return own;
    const had = new Set(this.#once.values());
    for (let place = 0; place < COLOURS; place++) if (!taken.has(place) && !had.has(place)) return place;
    let free = 0;
    while (taken.has(free)) free++;
    return free;
  }

  /** Whether it is there, or was. @param {string} key */
  knows(key) {
    return this.#of.has(key) || this.#once.has(key);
  }

  /** @param {string | null | undefined} key @returns {string} a class name */
  of(key) {
    const place = key == null ? undefined : (this.#of.get(key) ?? this.#once.get(key));
    return place === undefined ? "nobody" : `c${place % COLOURS}`;
  }

  /** Which of the colours it has, from 0; 0 for one that never was there. @param {string} key */
  place(key) {
    return this.#of.get(key) ?? this.#once.get(key) ?? 0;
  }

  /** @param {string} key @returns {string} A, B, … */
  letter(key) {
    const place = this.place(key);
    return String.fromCharCode(65 + (place % 26)) + (place < 26 ? "" : String(Math.floor(place / 26)));
  }
}
