// Turns the fetched numbers and words into symbols with places on screen; paints nothing.

import * as M from "./marks.js";
import { placeNames, placePlates, overlap } from "./plates.js";
import { behind, look, mine, state, whole } from "./state.js";

const plateMemory = new Map(), nameMemory = new Map();

function duration(s) {
  const u = look.strings;
  if (s < 60) return `${Math.floor(s)} ${u.s}`;
  if (s < 3600) return `${Math.floor(s / 60)} ${u.min}`;
  if (s < 86400) return `${Math.floor(s / 3600)} ${u.h}`;
  return `${Math.floor(s / 86400)} ${u.d}`;
}

function valueText(v, digits) {
  if (!Number.isFinite(v)) return "—";
  let text = v.toFixed(digits);
  if (Number(text) === 0) text = text.replace("-", "");
  const [whole, rest] = text.split(".");
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, "\u2009").replace("-", "−");
  return rest ? `${spaced}.${rest}` : spaced;
}

const sizeOf = { [M.CAMERA]: 8, [M.POST]: 20, [M.UNIT]: 15, [M.PLACE]: 17, [M.SENSOR]: 9 };

export function readMarks() {
  state.marks = [];
  const s = look.px / 13;
  for (let i = 0; i < state.words.length && 6 * i + 5 < state.rows.length; i++) {
    const [kind, ref, name, unit, digits, note] = state.words[i];
    const [wx, wy, heading, value, age, bits] = state.rows.subarray(6 * i, 6 * i + 6);
    const m = { kind, ref, name, unit, note, wx, wy, heading, bits, age, priority: M.priorityOf(bits), trend: M.trendOf(bits) };
    m.size = kind === M.ALARM ? (bits & M.MINOR ? 13 * s : Math.max(26 * s, look.role === "wall" ? look.px * 1.625 : 0)) : sizeOf[kind] * s;
    m.value = kind === M.ALARM || kind === M.SENSOR ? valueText(value, digits) : "";
    m.unitText = kind === M.ALARM || kind === M.SENSOR ? unit : "";
    m.chip = Number.isFinite(age) && bits & M.STALE ? duration(age) : "";
    state.marks.push(m);
  }
}

// Where everything stands on screen; alarms outside are held at the edge with the way they lie.
export function layout(ctx, c) {
  const all = whole(), box = [all.x, all.y, all.x + all.w, all.y + all.h];
  const gap = look.role === "wall" ? 16 : 6;
  for (const m of state.marks) {
    m.sx = m.wx * c.scale - c.ox;
    m.sy = m.wy * c.scale - c.oy;
    m.away = null;
    m.shown = m.sx > -m.size && m.sy > -m.size && m.sx < c.w + m.size && m.sy < c.h + m.size;
    m.out = m.sx < box[0] || m.sy < box[1] || m.sx > box[2] || m.sy > box[3];
    if (look.role === "wall" && !worthAWall(m)) m.shown = false;
    else if ((look.role === "wall" || look.span || m.kind === M.ALARM) && !m.out) keepOffBezel(m, c, look.role === "wall" || look.span ? gap : 1, all);
    // what is not held at the edge is not cut by it either
    if (look.role === "wall" && m.out) m.shown = false;
  }
  const held = state.marks.filter((m) => m.kind === M.ALARM && m.shown && !m.out && !(m.bits & M.MINOR));
  const here = held.length;
  for (const m of state.marks) {
    if (m.kind !== M.ALARM || !m.out || m.bits & M.MINOR || m.priority > 2 && !(m.bits & M.SELECTED)) continue;
    holdAtEdge(m, c, all, gap, held, held.length - here < 8);
  }
  const heads = state.marks.filter((m) => m.shown && m.kind === M.ALARM && !(m.bits & M.MINOR));
  const hidden = (m) => m.bits & M.MINOR && heads.some((h) => Math.hypot(h.sx - m.sx, h.sy - m.sy) < h.size * 0.75);
  const shown = state.marks.filter((m) => m.shown && !hidden(m));
  const blocked = shown.filter((m) => m.kind !== M.CAMERA).map((m) => {
    const box = (r) => [m.sx - r, m.sy - r, m.sx + r, m.sy + r];
    const core = m.kind === M.ALARM ? box(m.size * 0.75) : null;
    return Object.assign(box(m.bits & M.SELECTED ? ringOf(m) + 3 : m.size * 0.56), { id: m.ref, core, weight: (m.kind === M.UNIT || m.kind === M.PLACE) && !(m.bits & M.SELECTED) ? 0.5 : 1.5 });
  });
  const inner = [gap, gap + headroom(c), c.w - gap, c.h - gap];
  placeAll(ctx, shown, blocked, inner, c);
  const cameras = shown.filter((m) => m.kind === M.CAMERA).map((m) => [m.sx - m.size, m.sy - m.size, m.sx + m.size, m.sy + m.size]);
  state.blocked = blocked.concat(cameras);
  state.shown = shown;
}

// Eight metres away only what matters is shown: what does not fit is left out, not shrunk.
function worthAWall(m) {
  if (m.bits & M.SELECTED || m.kind === M.POST || m.kind === M.SENSOR) return true;
  if (m.kind === M.ALARM) return m.priority <= 2 || !(m.bits & M.MINOR);
  return m.kind !== M.CAMERA && Boolean(m.bits & (M.BUSY | M.STALE));
}

export const ringOf = (m) => Math.max(m.size * (m.kind === M.ALARM ? 1.12 : 1.25), look.px * 1.1);

// What the page's own controls take: nothing is put under them.
export function reserved() {
  const own = [...state.controls()].map((e) => e.getBoundingClientRect());
  return own.filter((r) => r.width).map((r) => [r.left - 4, r.top - 4, r.right + 4, r.bottom + 4]).concat(state.corner, look.covers);
}

// How much a bar over the whole width takes from the top.
export function headroom(c) {
  return Math.max(0, ...look.covers.filter((r) => r[1] <= 0 && r[2] - r[0] > c.w * 0.8).map((r) => r[3]));
}

// The point where the way from the middle to it leaves the view, moved along that edge to a free place.
// Of a map over several tiles the one nearest to where that way leaves the whole shows it; what lies in a hole between
// them is beside the nearest.
function holdAtEdge(m, c, all, gap, held, room) {
  const r = m.size * 1.3 + gap;
  const foot = look.role === "wall" ? 0 : look.px * 1.6; // above scale and attribution
  const inner = [r, r + headroom(c), c.w - r, c.h - r - foot];
  const edge = look.span ? [all.x, all.y, all.x + all.w, all.y + all.h] : inner;
  const mx = (edge[0] + edge[2]) / 2, my = (edge[1] + edge[3]) / 2, dx = m.sx - mx, dy = m.sy - my;
  const kx = (edge[2] - edge[0]) / 2 / Math.abs(dx || 1e-9), ky = (edge[3] - edge[1]) / 2 / Math.abs(dy || 1e-9);
  const k = Math.min(kx, ky, 1), ex = mx + dx * k, ey = my + dy * k, step = m.size * 1.5;
  const beside = Math.max(inner[0] - ex, ex - inner[2]), over = Math.max(inner[1] - ey, ey - inner[3]);
  const along = (look.span ? beside > over : kx < ky) ? [0, 1] : [1, 0];
  m.away = Math.atan2(dy, dx);
  m.shown = false;
  if (!mine(ex, ey, all)) return;
  for (const n of [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6]) {
    const x = Math.max(inner[0], Math.min(inner[2], ex + along[0] * n * step));
    const y = Math.max(inner[1], Math.min(inner[3], ey + along[1] * n * step));
    const rect = [x - m.size * 0.6, y - m.size * 0.6, x + m.size * 0.6, y + m.size * 0.6];
    if (held.some((o) => Math.hypot(o.sx - x, o.sy - y) < step * 0.99) || reserved().some((o) => overlap(o, rect))) continue;
    if (look.span) m.away = Math.atan2(m.sy - y, m.sx - x);
    m.sx = x; m.sy = y;
    m.shown = room;
    break;
  }
  if (m.shown) held.push(m);
}

// A symbol at or behind a bezel stands whole in the one view that is to show it.
function keepOffBezel(m, c, gap, all) {
  m.shown = mine(m.sx, m.sy, all);
  if (!m.shown) return;
  const far = Math.max(-m.sx, -m.sy, m.sx - c.w, m.sy - c.h);
  if (far > behind()) { m.out = true; m.shown = false; return; }
  const r = (m.bits & M.SELECTED ? ringOf(m) + look.px / 8 : m.kind === M.CAMERA ? m.size * 2.1 : m.size * 0.6) + gap, top = headroom(c);
  const over = look.covers.some((o) => m.sx > o[0] && m.sx < o[2] && m.sy > o[1] && m.sy < o[3]);
  if (over && m.kind !== M.ALARM) { m.shown = false; return; }
  m.sx = Math.max(r, Math.min(c.w - r, m.sx));
  m.sy = Math.max(r + top, Math.min(c.h - r, m.sy));
  if (look.role === "wall" && (m.kind === M.POST || m.kind === M.ALARM && !(m.bits & M.MINOR))) standClear(m, c, r, top);
}

// An alarm or post that a control or sign would cover stands beside it, the shortest way that leads no farther out.
function standClear(m, c, r, top) {
  for (const o of reserved()) {
    if (!overlap(o, [m.sx - r, m.sy - r, m.sx + r, m.sy + r])) continue;
    const ways = [[o[0] - r - m.sx, 0], [o[2] + r - m.sx, 0], [0, o[1] - r - m.sy], [0, o[3] + r - m.sy]];
    const free = ways.filter(([x, y]) => m.sx + x >= r && m.sx + x <= c.w - r && m.sy + y >= r + top && m.sy + y <= c.h - r);
    const way = free.sort((a, b) => Math.hypot(...a) - Math.hypot(...b))[0];
    if (way) { m.sx += way[0]; m.sy += way[1]; }
  }
}

function placeAll(ctx, shown, blocked, inner, c) {
  const bearers = shown.filter((m) => m.bits & M.PLATE && (m.away === null || m.priority === 1 || m.bits & M.SELECTED));
  for (const m of bearers) M.measurePlate(ctx, m, look, inner[2] - inner[0]);
  bearers.sort((a, b) => (b.bits & M.SELECTED) - (a.bits & M.SELECTED) || a.priority - b.priority);
  const most = look.role === "wall" ? 8 : 14;
  const plates = placePlates(bearers.slice(0, most).map((m) => ({
    id: m.ref, x: m.sx, y: m.sy, r: m.bits & M.SELECTED ? ringOf(m) : m.size * 0.56, half: m.size / 2,
    w: m.plateW + (m.chip ? m.chipW : 0), h: m.plateH, must: m.priority === 1 || m.bits & M.SELECTED,
  })), blocked.concat(reserved()), inner, plateMemory, look.px);
  plateMemory.clear();
  for (const p of plates) plateMemory.set(p.id, p.index);
  const byRef = new Map(shown.map((m) => [m.ref, m]));
  state.plates = plates.map((p) => ({ ...p, mark: byRef.get(p.id) }));
  const weight = { [M.POST]: 0, [M.UNIT]: 2, [M.PLACE]: 3 };
  // far out only those with something to say bear their name
  // where nothing arrives at all the tile's header says so: a chip at each vehicle would only shout
  const stale = shown.filter((m) => m.kind === M.UNIT && m.bits & M.STALE).length;
  if (stale > 12) for (const m of shown) if (m.kind === M.UNIT) { m.chip = ""; m.bits &= ~M.STALE; m.dim = true; }
  const told = (m) => m.kind !== M.UNIT || m.bits & (M.BUSY | M.STALE | M.SELECTED) || c.zoom >= 12.9;
  const named = shown.filter((m) => m.kind in weight && told(m) || (m.kind === M.CAMERA && m.bits & M.SELECTED));
  const rank = (m) => (m.bits & M.SELECTED ? -5 : 0) + (m.chip ? -1 : 0) + (weight[m.kind] ?? 0) - (m.bits & M.BUSY ? 0.5 : 0);
  named.sort((a, b) => rank(a) - rank(b));
  for (const m of named) M.measureName(ctx, m, look);
  const leaders = plates.flatMap((p) => [0.2, 0.35, 0.5, 0.65, 0.8].map((k) => {
    const x = p.from[0] + (p.to[0] - p.from[0]) * k, y = p.from[1] + (p.to[1] - p.from[1]) * k;
    return [x - 3, y - 3, x + 3, y + 3];
  }));
  const taken = blocked.concat(plates.map((p) => p.rect), leaders, reserved());
  const sized = (m) => ({ id: m.ref, x: m.sx, y: m.sy, r: m.bits & M.SELECTED ? ringOf(m) : m.size * 0.55, w: m.fullW, h: m.nameH });
  const names = placeNames(named.map(sized), taken, inner, nameMemory);
  // where a name finds no room its age still must be said
  const mute = named.filter((m) => m.chip && !names.some((n) => n.id === m.ref));
  for (const m of mute) { m.nameText = ""; m.nameW = -look.px * 0.6; m.fullW = m.chipW; }
  names.push(...placeNames(mute.map(sized), taken.concat(names.map((n) => n.rect)), inner, nameMemory));
  nameMemory.clear();
  for (const n of names) nameMemory.set(n.id, n.index);
  state.names = names.map((n) => ({ ...n, mark: byRef.get(n.id) }));
}
