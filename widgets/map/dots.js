// Quiet sensors and the scale bar, drawn with the ground because they change with it; knows no symbol that lives.

import { drawDotFault } from "./marks.js";
import { behind, look, mine, state, whole } from "./state.js";

// Dots nearer to each other than they are wide add nothing: one a cell is drawn, the troubled ones first.
export function paintDots(b, c) {
  const s = look.px / 13, t = look.tokens, cell = 6.5 * Math.sqrt(s) * (look.role === "wall" ? 2 : 1);
  const r = (c.zoom > 13 ? 2.2 : c.zoom > 12 ? 1.9 : 1.5) * (look.role === "wall" ? Math.sqrt(s) : s);
  // a few troubled ones are marked; where most are silent the tile says it, and the dots only stand back
  let silent = 0;
  for (const d of state.dotStates) silent += d === 1;
  const marked = silent <= state.dotStates.length * 0.2;
  const all = whole(), free = look.span ? (look.role === "wall" ? 16 : 4) + 2 * r : 0, reach = look.span ? behind() : 9;
  const taken = new Set(), columns = Math.ceil(c.w / cell) + 3;
  for (const wanted of [1, 2, 0]) {
    b.beginPath();
    for (let i = 0; i < state.dotStates.length; i++) {
      if (state.dotStates[i] !== wanted) continue;
      let x = state.dots[2 * i] * c.scale - c.ox, y = state.dots[2 * i + 1] * c.scale - c.oy;
      const off = Math.max(free - x, free - y, x + free - c.w, y + free - c.h);
      if (off > reach) continue;
      if (off > 0 && look.span) { // near or behind a bezel: whole in one view
        if (!mine(x, y, all)) continue;
        x = Math.max(free, Math.min(c.w - free, x));
        y = Math.max(free, Math.min(c.h - free, y));
      }
      const place = Math.floor(x / cell + c.ox / cell) - Math.floor(c.ox / cell) + (Math.floor(y / cell + c.oy / cell) - Math.floor(c.oy / cell)) * columns;
      if (taken.has(place)) continue;
      taken.add(place);
      if (wanted === 1 && marked) drawDotFault(b, x, y, Math.max(2, r * 1.3), t.fault);
      else { b.moveTo(x + r, y); b.arc(x, y, r, 0, 6.2832); }
    }
    b.globalAlpha = 0.9;
    if (wanted === 0) { b.fillStyle = t.data; b.fill(); }
    if (wanted === 2 || wanted === 1 && !marked) { b.strokeStyle = t.muted; b.lineWidth = 1; b.stroke(); }
    b.globalAlpha = 1;
  }
}

export function paintScale(b, c) {
  if (look.role === "wall") return;
  const metre = c.scale / 40075016.7 / Math.cos(c.lat), s = look.px / 13;
  const nice = [50, 100, 200, 300, 500, 1000, 1500, 2000, 3000, 5000, 10000, 20000, 50000, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6];
  const length = nice.filter((m) => m * metre <= 125 * s).pop() ?? 50;
  const w = length * metre, x = 12, y = c.h - 16, t = look.tokens;
  b.beginPath();
  b.moveTo(x, y - 5); b.lineTo(x, y); b.lineTo(x + w, y); b.lineTo(x + w, y - 5);
  b.strokeStyle = t.land; b.lineWidth = 4; b.stroke();
  b.strokeStyle = t.text2; b.lineWidth = 1.5; b.stroke();
  const px = look.px * 12 / 13;
  b.font = `${px}px ${look.family}`;
  b.textAlign = "left"; b.textBaseline = "alphabetic"; b.lineJoin = "round";
  const text = length >= 1000 ? `${length / 1000} km` : `${length} m`;
  b.strokeStyle = t.land; b.lineWidth = 4; b.strokeText(text, x + w + 9, y + 1);
  b.fillStyle = t.text2; b.fillText(text, x + w + 9, y + 1);
  state.corner = [[0, y - 10 * s, x + w + 14 + b.measureText(text).width, c.h]];
  if (look.attribution) {
    b.textAlign = "right"; b.fillStyle = t.muted;
    const right = c.w - (look.target ? Math.max(44, look.target) + 22 : 12);
    state.corner.push([right - b.measureText(look.attribution).width, y - 12 * s, right, c.h]);
    b.strokeText(look.attribution, right, y + 1); b.fillText(look.attribution, right, y + 1);
  }
}
