import { s } from "./dom.js";

const WIDTH = 120;
const HEIGHT = 28;

/** @param {string} label what it shows, for those who cannot see it */
export function sparkline(label) {
  return s("svg", { class: "sparkline", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
    s("path", { class: "area" }), s("path", { class: "line" }));
}

/** @param {SVGElement} curve @param {number[]} samples oldest first, at most a minute's */
export function draw(curve, samples) {
  const most = Math.max(1, ...samples);
  const step = WIDTH / 59;
  const points = samples.map((value, i) => `${(WIDTH - (samples.length - 1 - i) * step).toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 5)).toFixed(1)}`);
  const [area, line] = curve.children;
  line.setAttribute("d", points.length > 1 ? `M${points.join("L")}` : "");
  area.setAttribute("d", points.length > 1 ? `M${points.join("L")}L${WIDTH},${HEIGHT}L${(WIDTH - (samples.length - 1) * step).toFixed(1)},${HEIGHT}Z` : "");
}
