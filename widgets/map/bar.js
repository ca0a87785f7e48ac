// The page's few controls: layer button and list, warning chips, zoom buttons; every one of them has a key too.

import { drawBadge, MINOR } from "./marks.js";
import { look, say } from "./state.js";

export const bar = document.createElement("div");
export const list = document.createElement("div");
export const zoom = document.createElement("div");
bar.id = "bar"; list.id = "layers"; zoom.id = "zoom";
list.hidden = true;

function element(tag, cls, text) {
  const e = document.createElement(tag);
  e.className = cls;
  e.textContent = text;
  return e;
}

function diamond(priority) {
  const s = Math.round(look.px * 1.15), c = document.createElement("canvas");
  c.width = c.height = s * 2;
  c.style.width = c.style.height = `${s}px`;
  const g = c.getContext("2d");
  g.scale(2, 2);
  drawBadge(g, { priority, bits: MINOR, size: s * 0.8, sx: s / 2, sy: s / 2 }, look, true);
  return c;
}

// The part of a map over several tiles that reaches farthest to the right and down.
const lastOf = (parts) => parts.reduce((best, [x, y, w, h], i) => {
  const [bx, by, bw, bh] = parts[best];
  return x + w + y + h > bx + bw + by + bh - 1e-6 ? i : best;
}, 0);

// `press` acts like the key of that name.
export function buildBar(press) {
  bar.replaceChildren();
  if (look.role !== "wall") {
    const button = element("button", "box", `${look.strings.layers} ${look.layers.size}`);
    button.tabIndex = -1;
    button.onclick = () => { list.hidden = !list.hidden; };
    bar.append(button);
  }
  // on a wall the warnings stand once, in the last corner, clear of the bezel
  const last = !look.span || look.span.part === lastOf(look.span.parts);
  bar.className = look.role === "wall" ? "wall" : "";
  for (const w of look.role === "wall" && !last ? [] : look.warnings) {
    const chip = element("span", "box warning", "");
    chip.style.color = chip.style.borderColor = look.tokens.priority[w.priority].line;
    chip.append(diamond(w.priority), w.text);
    bar.append(chip);
  }
  list.replaceChildren(...look.layerNames.map(([id, text], n) => {
    const b = element("button", "", "");
    b.setAttribute("role", "menuitemcheckbox");
    b.setAttribute("aria-checked", String(look.layers.has(id)));
    b.disabled = id === "alarms";
    b.tabIndex = -1;
    b.append(document.createElement("i"), text, element("kbd", "", String(n + 1)));
    b.onclick = () => say({ do: "layer", id });
    return b;
  }));
  if (look.role === "wall") list.hidden = true;
  zoom.hidden = !look.target; // without fingers there are wheel and keys
  const icons = { in: "M13 5v16M5 13h16", out: "M5 13h16", home: "M13 2v6M13 18v6M2 13h6M18 13h6M19 13a6 6 0 1 1-12 0a6 6 0 1 1 12 0" };
  zoom.replaceChildren(...Object.entries(icons).map(([act, path]) => {
    const b = element("button", "", "");
    b.tabIndex = -1;
    b.setAttribute("aria-label", look.strings[act]);
    b.innerHTML = `<svg width="26" height="26" viewBox="0 0 26 26"><path d="${path}"/></svg>`;
    b.onclick = () => press(act);
    return b;
  }));
}

// Elements under which nothing else is put.
export const controls = () => [...bar.children, ...(zoom.hidden ? [] : [zoom])];
