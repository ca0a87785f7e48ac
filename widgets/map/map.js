// The page's conductor: fetches what changed, lays it out, paints one canvas over Leaflet, tells the console what was touched.

import { drawGround, drawName, findNames, nameRect, parseGround } from "./ground.js";
import * as M from "./marks.js";
import { overlap, placeNames, placePlates } from "./plates.js";

const map = window.map_yilan;
const MARGIN = 0.2; // ground is drawn this much beyond each edge, so that a short pan shows no blank
const look = { tokens: null, strings: {}, px: 13, role: "desk", language: "zh", family: "Yilan", layers: new Set(), span: [1, 1, 0, 0] };
const state = {
  have: {}, dots: new Float64Array(0), dotStates: new Uint8Array(0), rows: new Float64Array(0), words: [], marks: [],
  lit: true, corner: [], grounds: [], home: null, touched: false, hits: [], plates: [], names: [], ready: false, updates: 0, paints: 0,
};
const plateMemory = new Map(), nameMemory = new Map();
const sheet = document.createElement("canvas");
const ground = { canvas: document.createElement("canvas"), camera: null, names: [] };
const base = document.createElement("canvas");
let ctx = null, redraw = 0;

const say = (message) => fetch(`app://res/say?${encodeURIComponent(JSON.stringify(message))}`).catch(() => {});

// ------------------------------------------------------------------ view

function camera(pad = 0) {
  const size = map.getSize(), zoom = map.getZoom(), scale = 256 * 2 ** zoom;
  const at = map.project(map.getCenter(), zoom); // unrounded, so that neighbours on a wall meet
  return {
    ox: at.x - size.x / 2 - pad * size.x, oy: at.y - size.y / 2 - pad * size.y, scale, zoom,
    w: size.x * (1 + 2 * pad), h: size.y * (1 + 2 * pad), lat: map.getCenter().lat * Math.PI / 180,
  };
}

// The point of the shared canvas that this cell's middle is off from, in px.
function cellOffset() {
  const [cols, rows, col, row] = look.span, size = map.getSize();
  return L.point((col - (cols - 1) / 2) * size.x, (row - (rows - 1) / 2) * size.y);
}

function goHome() {
  const home = state.home, size = map.getSize();
  if (!home || !size.x || !size.y) return;
  const [cols, rows] = look.span;
  let zoom = home.zoom, centre = home.centre && L.latLng(home.centre[1], home.centre[0]);
  if (home.bounds && (!zoom || !centre)) {
    const [w, s, e, n] = home.bounds;
    const a = map.project([n, w], 0), b = map.project([s, e], 0);
    const room = look.role === "wall" ? 1.0 : 0.97;
    zoom = zoom || Math.log2(Math.min(size.x * cols * room / (b.x - a.x), size.y * rows * room / (b.y - a.y)));
    centre = centre || map.unproject(a.add(b).divideBy(2), 0);
  }
  if (!centre) return;
  zoom = zoom || 12;
  const shifted = map.project(centre, zoom).add(cellOffset());
  map.setView(map.unproject(shifted, zoom), zoom, { animate: false });
  state.touched = false;
}

function fit(canvas, w, h) {
  const d = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(w * d) || canvas.height !== Math.round(h * d)) {
    canvas.width = Math.round(w * d);
    canvas.height = Math.round(h * d);
  }
  const c = canvas.getContext("2d", { alpha: canvas !== sheet });
  c.setTransform(d, 0, 0, d, 0, 0);
  return c;
}

// ------------------------------------------------------------------ painting

function renderGround() {
  const c = camera(MARGIN);
  const g = fit(ground.canvas, c.w, c.h);
  const features = state.grounds.flatMap((layer) => layer.features);
  drawGround(g, features, c, look, look.layers);
  ground.camera = c;
  const v = camera();
  ground.names = look.layers.has("names") ? findNames(g, features, v, look).map((n) => ({ ...n, wx: (n.x + v.ox), wy: (n.y + v.oy) })) : [];
}

function paintBase() {
  const c = camera(), g0 = ground.camera;
  if (!g0 || g0.scale !== c.scale || c.ox < g0.ox || c.oy < g0.oy || c.ox + c.w > g0.ox + g0.w || c.oy + c.h > g0.oy + g0.h) renderGround();
  const b = fit(base, c.w, c.h), from = ground.camera;
  b.drawImage(ground.canvas, from.ox - c.ox, from.oy - c.oy, from.w, from.h);
  if (look.layers.has("sensors")) paintDots(b, c);
  const taken = state.plates.map((p) => p.rect).concat(state.names.map((n) => n.rect), state.blocked ?? [], reserved());
  const placed = [];
  for (const name of ground.names) {
    const n = { ...name, x: name.wx - c.ox, y: name.wy - c.oy };
    const rect = nameRect(n);
    if (taken.some((r) => overlap(r, rect) > 0) || placed.some((r) => overlap(r, rect) > 0)) continue;
    const free = look.role === "wall" ? 16 : 3;
    if (rect[0] < free || rect[1] < free || rect[2] > c.w - free || rect[3] > c.h - free) continue;
    placed.push(rect);
    drawName(b, n, look);
  }
  paintScale(b, c);
}

// Dots nearer to each other than they are wide add nothing: one a cell is drawn, the troubled ones first.
function paintDots(b, c) {
  const s = look.px / 13, t = look.tokens, cell = 6.5 * Math.sqrt(s) * (look.role === "wall" ? 2 : 1);
  const r = (c.zoom > 13 ? 2.2 : c.zoom > 12 ? 1.9 : 1.5) * (look.role === "wall" ? Math.sqrt(s) : s);
  const taken = new Set(), columns = Math.ceil(c.w / cell) + 3;
  for (const wanted of [1, 2, 0]) {
    b.beginPath();
    for (let i = 0; i < state.dotStates.length; i++) {
      if (state.dotStates[i] !== wanted) continue;
      const x = state.dots[2 * i] * c.scale - c.ox, y = state.dots[2 * i + 1] * c.scale - c.oy;
      if (x < -9 || y < -9 || x > c.w + 9 || y > c.h + 9) continue;
      const place = Math.floor(x / cell + c.ox / cell) - Math.floor(c.ox / cell) + (Math.floor(y / cell + c.oy / cell) - Math.floor(c.oy / cell)) * columns;
      if (taken.has(place)) continue;
      taken.add(place);
      if (wanted === 1) M.drawDotFault(b, x, y, Math.max(2, r * 1.3), t.fault);
      else { b.moveTo(x + r, y); b.arc(x, y, r, 0, 6.2832); }
    }
    b.globalAlpha = 0.9;
    if (wanted === 0) { b.fillStyle = t.data; b.fill(); }
    if (wanted === 2) { b.strokeStyle = t.muted; b.lineWidth = 1; b.stroke(); }
    b.globalAlpha = 1;
  }
}

function paintScale(b, c) {
  if (look.role === "wall") return;
  const metre = c.scale / 40075016.7 / Math.cos(c.lat), s = look.px / 13;
  const nice = [50, 100, 200, 300, 500, 1000, 1500, 2000, 3000, 5000, 10000, 20000, 50000];
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
    const right = c.w - (look.role === "vehicle" ? 66 : 12);
    state.corner.push([right - b.measureText(look.attribution).width, y - 12 * s, right, c.h]);
    b.strokeText(look.attribution, right, y + 1); b.fillText(look.attribution, right, y + 1);
  }
}

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

function readMarks() {
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
function layout(c) {
  const [cols, rows, col, row] = look.span;
  const whole = [-col * c.w, -row * c.h, (cols - col) * c.w, (rows - row) * c.h];
  const gap = look.role === "wall" ? 16 : 6;
  const held = [];
  for (const m of state.marks) {
    m.sx = m.wx * c.scale - c.ox;
    m.sy = m.wy * c.scale - c.oy;
    m.away = null;
    m.shown = m.sx > -m.size && m.sy > -m.size && m.sx < c.w + m.size && m.sy < c.h + m.size;
    const out = m.sx < whole[0] || m.sy < whole[1] || m.sx > whole[2] || m.sy > whole[3];
    if (look.role === "wall" && m.kind === M.UNIT && !(m.bits & (M.BUSY | M.SELECTED | M.STALE))) m.shown = false;
    if (m.kind === M.ALARM && out && !(m.bits & M.MINOR) && (m.priority <= 2 || m.bits & M.SELECTED)) holdAtEdge(m, c, whole, gap, held);
    else if (m.kind === M.ALARM && cols * rows > 1) keepOffBezel(m, c, gap);
  }
  const heads = state.marks.filter((m) => m.shown && m.kind === M.ALARM && !(m.bits & M.MINOR));
  const hidden = (m) => m.bits & M.MINOR && heads.some((h) => Math.hypot(h.sx - m.sx, h.sy - m.sy) < h.size * 0.75);
  const shown = state.marks.filter((m) => m.shown && !hidden(m));
  const blocked = shown.filter((m) => m.kind !== M.CAMERA).map((m) => {
    const r = m.bits & M.SELECTED ? ringOf(m) + 3 : m.size * 0.56;
    return Object.assign([m.sx - r, m.sy - r, m.sx + r, m.sy + r], { id: m.ref, weight: (m.kind === M.UNIT || m.kind === M.PLACE) && !(m.bits & M.SELECTED) ? 0.5 : 1.5 });
  });
  const inner = [gap, gap, c.w - gap, c.h - gap];
  placeAll(shown, blocked, inner);
  state.blocked = blocked;
  state.shown = shown;
}

const ringOf = (m) => Math.max(m.size * (m.kind === M.ALARM ? 1.12 : 1.25), look.px * 1.1);

// What the page's own controls take: nothing is put under them.
function reserved() {
  const own = [...bar.children, ...(zoom.hidden ? [] : [zoom])].map((e) => e.getBoundingClientRect());
  return own.filter((r) => r.width).map((r) => [r.left - 4, r.top - 4, r.right + 4, r.bottom + 4]).concat(state.corner);
}

// The point where the way from the middle to it leaves the view, moved along that edge to a free place.
function holdAtEdge(m, c, whole, gap, held) {
  const r = m.size * 1.3 + gap;
  const foot = look.role === "wall" ? 0 : look.px * 1.6; // above scale and attribution
  const inner = [whole[0] + r, whole[1] + r, whole[2] - r, whole[3] - r - foot];
  const mx = (inner[0] + inner[2]) / 2, my = (inner[1] + inner[3]) / 2, dx = m.sx - mx, dy = m.sy - my;
  const kx = (inner[2] - inner[0]) / 2 / Math.abs(dx || 1e-9), ky = (inner[3] - inner[1]) / 2 / Math.abs(dy || 1e-9);
  const k = Math.min(kx, ky), along = kx < ky ? [0, 1] : [1, 0], step = m.size * 1.5;
  m.away = Math.atan2(dy, dx);
  m.shown = false;
  for (const n of [0, 1, -1, 2, -2, 3, -3, 4, -4]) {
    const x = Math.max(inner[0], Math.min(inner[2], mx + dx * k + along[0] * n * step));
    const y = Math.max(inner[1], Math.min(inner[3], my + dy * k + along[1] * n * step));
    const rect = [x - m.size * 0.6, y - m.size * 0.6, x + m.size * 0.6, y + m.size * 0.6];
    if (held.some((o) => Math.hypot(o.sx - x, o.sy - y) < step * 0.99) || reserved().some((o) => overlap(o, rect))) continue;
    m.sx = x; m.sy = y;
    m.shown = x >= 0 && y >= 0 && x <= c.w && y <= c.h && held.length < 8;
    break;
  }
  if (m.shown) held.push(m);
}

function keepOffBezel(m, c, gap) {
  const inside = m.sx >= 0 && m.sy >= 0 && m.sx < c.w && m.sy < c.h;
  m.shown &&= inside; // the cell that holds its place shows it, whole
  const r = m.size * 0.6 + gap;
  m.sx = Math.max(r, Math.min(c.w - r, m.sx));
  m.sy = Math.max(r, Math.min(c.h - r, m.sy));
}

function placeAll(shown, blocked, inner) {
  const bearers = shown.filter((m) => m.bits & M.PLATE && (m.away === null || m.priority === 1 || m.bits & M.SELECTED));
  for (const m of bearers) M.measurePlate(ctx, m, look);
  bearers.sort((a, b) => (b.bits & M.SELECTED) - (a.bits & M.SELECTED) || a.priority - b.priority);
  const most = look.role === "wall" ? 8 : 14;
  const plates = placePlates(bearers.slice(0, most).map((m) => ({
    id: m.ref, x: m.sx, y: m.sy, r: m.bits & M.SELECTED ? ringOf(m) : m.size * 0.56,
    w: m.plateW + (m.chip ? m.chipW : 0), h: m.plateH, must: m.priority === 1 || m.bits & M.SELECTED,
  })), blocked.concat(reserved()), inner, plateMemory, look.px);
  plateMemory.clear();
  for (const p of plates) plateMemory.set(p.id, p.index);
  const byRef = new Map(shown.map((m) => [m.ref, m]));
  state.plates = plates.map((p) => ({ ...p, mark: byRef.get(p.id) }));
  const weight = { [M.POST]: 0, [M.UNIT]: 2, [M.PLACE]: 3 };
  // far out only those with something to say bear their name
  const told = (m) => m.kind !== M.UNIT || m.bits & (M.BUSY | M.STALE | M.SELECTED) || map.getZoom() >= 12.9;
  const named = shown.filter((m) => m.kind in weight && told(m) || (m.kind === M.CAMERA && m.bits & M.SELECTED));
  const rank = (m) => (m.bits & M.SELECTED ? -5 : 0) + (m.chip ? -1 : 0) + (weight[m.kind] ?? 0) - (m.bits & M.BUSY ? 0.5 : 0);
  named.sort((a, b) => rank(a) - rank(b));
  for (const m of named) M.measureName(ctx, m, look);
  const taken = blocked.concat(plates.map((p) => p.rect), reserved());
  const names = placeNames(named.map((m) => ({
    id: m.ref, x: m.sx, y: m.sy, r: m.bits & M.SELECTED ? ringOf(m) : m.size * 0.55, w: m.fullW, h: m.nameH,
  })), taken, inner, nameMemory);
  nameMemory.clear();
  for (const n of names) nameMemory.set(n.id, n.index);
  state.names = names.map((n) => ({ ...n, mark: byRef.get(n.id) }));
}

const painter = {
  [M.CAMERA]: M.drawCamera, [M.POST]: M.drawFlag, [M.UNIT]: M.drawUnit, [M.PLACE]: M.drawHouse,
  [M.SENSOR]: (g, m, l) => { g.beginPath(); g.arc(m.sx, m.sy, m.size / 2, 0, 6.2832); g.fillStyle = l.tokens.data; g.fill(); },
};

function paint() {
  redraw = 0;
  if (!look.tokens || !map.getSize().x) return;
  const c = camera();
  ctx = fit(sheet, c.w, c.h);
  sheet.style.width = `${c.w}px`;
  sheet.style.height = `${c.h}px`;
  layout(c);
  const key = `${state.plates.map((p) => p.rect.map(Math.round)).join(";")}|${state.names.map((n) => n.rect.map((v) => Math.round(v / 4))).join(";")}|${c.ox},${c.oy},${c.scale},${c.w},${c.h}`;
  if (key !== state.baseKey) {
    state.baseKey = key;
    paintBase();
  }
  ctx.drawImage(base, 0, 0, c.w, c.h);
  const order = [M.CAMERA, M.PLACE, M.UNIT, M.POST, M.SENSOR];
  for (const kind of order) for (const m of state.shown) if (m.kind === kind) painter[kind](ctx, m, look);
  for (const m of state.shown) if (m.bits & M.SELECTED && m.away === null) M.drawRing(ctx, m.sx, m.sy, ringOf(m), look);
  for (const n of state.names) M.drawMarkName(ctx, n.mark, n.rect, look);
  const alarms = state.shown.filter((m) => m.kind === M.ALARM).reverse();
  for (const p of state.plates) {
    const w = p.mark.chip ? p.mark.chipW : 0;
    const rect = w ? (p.side > 0 ? [p.rect[0], p.rect[1], p.rect[2] - w, p.rect[3]] : [p.rect[0] + w, p.rect[1], p.rect[2], p.rect[3]]) : p.rect;
    M.drawPlate(ctx, p.mark, rect, p.side, look);
    if (w) M.drawChip(ctx, { ...p.mark, chipW: w - 6 }, p.side > 0 ? rect[2] + 6 : p.rect[0], rect[1], look);
  }
  for (const m of alarms) {
    if (m.away !== null) M.drawChevron(ctx, m, look);
    M.drawBadge(ctx, m, look, state.lit);
  }
  state.paints += 1;
  if (!state.ready && (state.grounds.length || state.updates)) {
    state.ready = true;
    say({ do: "painted" });
  }
}

function soon() {
  if (!redraw) redraw = requestAnimationFrame(paint);
}

// ------------------------------------------------------------------ what comes in

const TEXT = new TextDecoder();

async function go(lit = state.lit) {
  const have = Object.entries(state.have).map(([k, v]) => `${k}=${v}`).join("&");
  const answer = await fetch(`app://res/live${have ? `?${have}` : ""}`, { cache: "no-store" });
  const buffer = await answer.arrayBuffer();
  const view = new DataView(buffer);
  let at = 8;
  for (let n = view.getUint32(4, true); n > 0; n--) {
    const tag = TEXT.decode(new Uint8Array(buffer, at, 4));
    const revision = view.getUint32(at + 4, true), length = view.getUint32(at + 8, true);
    at += 16;
    if (tag === "DOTS") state.dots = new Float64Array(buffer, at, length / 8);
    else if (tag === "DOTQ") state.dotStates = new Uint8Array(buffer, at, length);
    else if (tag === "MARK") state.rows = new Float64Array(buffer, at, length / 8);
    else if (tag === "WORD") state.words = JSON.parse(TEXT.decode(new Uint8Array(buffer, at, length)));
    if (tag === "DOTS" || tag === "DOTQ") state.baseKey = "";
    state.have[tag] = revision;
    at += length + (-length & 7);
  }
  state.updates += 1;
  state.lit = lit;
  readMarks();
  soon();
}

async function loadGrounds(hashes) {
  const known = new Map(state.grounds.map((g) => [g.sha, g]));
  state.grounds = await Promise.all(hashes.map(async (sha) => {
    if (known.has(sha)) return known.get(sha);
    const answer = await fetch(`app://res/ground/${sha}`);
    return { sha, features: parseGround(await answer.arrayBuffer()) };
  }));
  refresh();
}

function refresh() {
  ground.camera = null;
  state.baseKey = "";
  soon();
}

function blinkTo(lit) {
  state.lit = lit;
  if (state.marks.some((m) => m.kind === M.ALARM && m.bits & M.FILLED && !(m.bits & M.RETURNED))) soon();
}

function set(given) {
  const span = String(look.span);
  const homeBefore = JSON.stringify(state.home);
  Object.assign(look, given);
  look.layers = new Set(given.layers);
  state.home = given.home;
  const root = document.documentElement.style;
  for (const name of ["land", "tile", "raised", "line", "text", "text2", "muted", "focus"]) root.setProperty(`--${name}`, look.tokens[name]);
  root.setProperty("--px", `${look.role === "wall" ? look.px : look.px * 12 / 13}px`);
  buildBar();
  if (JSON.stringify(state.home) !== homeBefore || String(look.span) !== span) if (!state.touched) goHome();
  readMarks();
  refresh();
}

function show(x, y) {
  const size = map.getSize(), p = map.latLngToContainerPoint(map.unproject(L.point(x * 256, y * 256), 0));
  if (p.x > 60 && p.y > 70 && p.x < size.x - 60 && p.y < size.y - 60) return;
  map.panTo(map.unproject(L.point(x * 256, y * 256), 0), { animate: false });
  state.touched = true;
}

// ------------------------------------------------------------------ the bar, the layer list, the buttons

const bar = document.createElement("div");
const list = document.createElement("div");
const zoom = document.createElement("div");
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
  M.drawBadge(g, { priority, bits: M.MINOR, size: s * 0.8, sx: s / 2, sy: s / 2 }, look, true);
  return c;
}

function buildBar() {
  bar.replaceChildren();
  if (look.role !== "wall") {
    const button = element("button", "box", `${look.strings.layers} ${look.layers.size}`);
    button.tabIndex = -1;
    button.onclick = () => { list.hidden = !list.hidden; };
    bar.append(button);
  }
  // on a wall the warnings stand once, in the last corner, clear of the bezel
  const last = look.span[2] === look.span[0] - 1 && look.span[3] === look.span[1] - 1;
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
  zoom.hidden = look.role !== "vehicle";
  const icons = { in: "M13 5v16M5 13h16", out: "M5 13h16", home: "M13 2v6M13 18v6M2 13h6M18 13h6M19 13a6 6 0 1 1-12 0a6 6 0 1 1 12 0" };
  zoom.replaceChildren(...Object.entries(icons).map(([act, path]) => {
    const b = element("button", "", "");
    b.tabIndex = -1;
    b.setAttribute("aria-label", look.strings[act]);
    b.innerHTML = `<svg width="26" height="26" viewBox="0 0 26 26"><path d="${path}"/></svg>`;
    b.onclick = () => key(act);
    return b;
  }));
}

function key(act) {
  const size = map.getSize(), step = [size.x / 4, size.y / 4];
  const pans = { left: [-step[0], 0], right: [step[0], 0], up: [0, -step[1]], down: [0, step[1]] };
  state.touched = true;
  if (pans[act]) map.panBy(pans[act], { animate: false });
  else if (act === "in") map.zoomIn(0.5, { animate: false });
  else if (act === "out") map.zoomOut(0.5, { animate: false });
  else if (act === "home") goHome();
  else if (act === "layers") list.hidden = look.role === "wall" || !list.hidden;
}

// ------------------------------------------------------------------ touch

function pick(point, reach) {
  for (const p of state.plates.concat(state.names)) {
    const r = p.rect;
    if (point.x >= r[0] && point.x <= r[2] && point.y >= r[1] && point.y <= r[3]) return { ref: p.mark.ref };
  }
  let best = null;
  for (const m of state.shown ?? []) {
    const d = Math.hypot(point.x - m.sx, point.y - m.sy) - m.size / 2 - (m.kind === M.ALARM ? 4 : 0);
    if (d < reach && (!best || d < best.d)) best = { d, ref: m.ref };
  }
  const c = camera();
  if (look.layers.has("sensors")) for (let i = 0; i < state.dots.length; i += 2) {
    const d = Math.hypot(state.dots[i] * c.scale - c.ox - point.x, state.dots[i + 1] * c.scale - c.oy - point.y);
    if (d < reach && (!best || d < best.d)) best = { d, dot: i >> 1, revision: state.have.DOTS };
  }
  return best;
}

function touched(event, act) {
  if (!list.hidden) { list.hidden = true; return; }
  const found = pick(event.containerPoint, look.role === "vehicle" ? 22 : 14);
  if (found) say({ do: act, ...found });
}

function tellView() {
  const b = map.getBounds(), c = map.getCenter();
  say({ do: "view", lon: c.lng, lat: c.lat, zoom: map.getZoom(), bounds: [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()] });
}

function view(lon, lat, level) {
  state.touched = true;
  map.setView([lat, lon], level, { animate: false });
}

function start() {
  const box = map.getContainer();
  sheet.id = "sheet";
  box.append(sheet);
  document.body.append(bar, list, zoom);
  map.on("move zoom viewreset", () => { state.baseKey = ""; soon(); });
  map.on("moveend", () => { ground.camera = null; refresh(); tellView(); });
  map.on("dragstart", () => { state.touched = true; });
  box.addEventListener("wheel", () => { state.touched = true; }, { passive: true });
  map.on("resize", () => { if (!state.touched) goHome(); refresh(); });
  map.on("click", (e) => touched(e, "select"));
  map.on("dblclick", (e) => touched(e, "focus"));
  window.yilan = { go, set, loadGrounds, blinkTo, key, show, view, placePlates, placeNames, state, look, map };
  const faces = ["400 16px Yilan", "700 16px Yilan"].map((f) => document.fonts.load(f, "一览 8"));
  Promise.allSettled(faces).then(() => say({ do: "ready" }));
}

start();
