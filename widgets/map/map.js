// The page's conductor: fetches what changed, paints one canvas over Leaflet, tells the console what was touched.

import { bar, buildBar, controls, list, zoom } from "./bar.js";
import { paintDots, paintScale } from "./dots.js";
import { drawGround, drawName, findNames, nameRect, parseGround } from "./ground.js";
import { layout, readMarks, reserved, ringOf } from "./layout.js";
import * as M from "./marks.js";
import { overlap, placeNames, placePlates } from "./plates.js";
import { behind, camera, look, map, mine, say, state, whole } from "./state.js";

const TIDY_MS = 30_000; // a page that lives for days is swept; V8 alone would let a gigabyte pile up
const FOLLOW_MS = 50; // so often the other parts of a map over several tiles are told while a hand moves this one
const MARGIN = 0.2; // ground is drawn this much beyond each edge, so that a short pan shows no blank
const sheet = document.createElement("canvas");
const ground = { canvas: document.createElement("canvas"), camera: null, names: [] };
const base = document.createElement("canvas");
let ctx = null, redraw = 0;

// ------------------------------------------------------------------ view

// Where this view's middle is off the middle of the whole, in px.
function offset() {
  const size = map.getSize(), all = whole();
  return L.point(size.x / 2 - all.x - all.w / 2, size.y / 2 - all.y - all.h / 2);
}

// The whole looks at a place; `level` is the zoom of the whole.
function lookAt(centre, level) {
  state.view = { centre: L.latLng(centre), level };
  const here = level + Math.log2(whole().k);
  // without `reset` it would pan by whole pixels, and neighbours would not meet
  map.setView(map.unproject(map.project(state.view.centre, here).add(offset()), here), here, { animate: false, reset: true });
}

// Where the whole looks now.
function looksAt() {
  const here = map.getZoom();
  const centre = map.unproject(map.project(map.getCenter(), here).subtract(offset()), here);
  return { centre, level: here - Math.log2(whole().k) };
}

// What the whole shows unless a hand or a selection moved it: the same on all screens of whatever machine.
function homeView() {
  const home = state.home, all = whole();
  if (!home) return null;
  let level = home.zoom, centre = home.centre && L.latLng(home.centre[1], home.centre[0]);
  if (home.bounds && (!level || !centre)) {
    const [west, south, east, north] = home.bounds;
    const a = map.project([north, west], 0), b = map.project([south, east], 0);
    const wide = Math.log2(all.w / all.k / (b.x - a.x)), high = Math.log2(all.h / all.k / (b.y - a.y));
    // a view of another shape than the area is half filled up: what is cut off is told at the edge
    level = level || Math.min(wide, high) + Math.min(0.8, Math.abs(wide - high) / 2);
    centre = centre || map.unproject(a.add(b).divideBy(2), 0);
  }
  level = level || 12;
  return centre && { centre: home.aim ? aimed(centre, level) : centre, level };
}

// Where the whole has to look for a place to be in the middle of its largest tile: no bezel runs through it there.
function aimed(place, level) {
  if (!look.span) return place;
  const [x, y, w, h] = look.span.parts.reduce((a, b) => (b[2] * b[3] > a[2] * a[3] * 1.001 ? b : a));
  const off = L.point((x + w / 2 - 0.5) * look.span.size[0], (y + h / 2 - 0.5) * look.span.size[1]);
  return map.unproject(map.project(place, level).subtract(off), level);
}

function goHome() {
  const size = map.getSize(), home = size.x && size.y && homeView();
  if (!home) return;
  state.touched = false;
  lookAt(home.centre, home.level);
}

// After the size or the part of this view changed.
function stay() {
  if (!state.touched) goHome();
  else if (look.span && state.view) lookAt(state.view.centre, state.view.level);
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
  state.written = [];
  for (const name of ground.names) {
    const n = { ...name, x: name.wx - c.ox, y: name.wy - c.oy };
    const free = look.role === "wall" ? 16 : 3;
    if (look.span && n.pinned && !within(n, c, free)) continue;
    const rect = nameRect(n);
    if (taken.some((r) => overlap(r, rect) > 0) || placed.some((r) => overlap(r, rect) > 0)) continue;
    if (rect[0] < free || rect[1] < free || rect[2] > c.w - free || rect[3] > c.h - free) continue;
    placed.push(rect);
    state.written.push({ text: n.text, rect });
    drawName(b, n, look);
  }
}

// The name of a point near or behind a bezel stands whole in the one view that is to show it; false in all others.
function within(n, c, free) {
  if (!mine(n.x, n.y) || n.x < -behind() || n.y < -behind() || n.x > c.w + behind() || n.y > c.h + behind()) return false;
  const [x0, y0, x1, y1] = nameRect(n);
  n.x += Math.max(0, free - x0) - Math.max(0, x1 + free - c.w);
  n.y += Math.max(0, free - y0) - Math.max(0, y1 + free - c.h);
  return true;
}

const painter = {
  [M.CAMERA]: M.drawCamera, [M.POST]: M.drawFlag, [M.UNIT]: M.drawUnit, [M.PLACE]: M.drawHouse,
  [M.SENSOR]: (g, m, l) => { g.beginPath(); g.arc(m.sx, m.sy, m.size / 2, 0, 6.2832); g.fillStyle = l.tokens.data; g.fill(); },
};

function paint() {
  redraw = 0;
  if (!look.tokens || !map.getSize().x) return;
  const began = performance.now();
  const c = camera();
  ctx = fit(sheet, c.w, c.h);
  sheet.style.width = `${c.w}px`;
  sheet.style.height = `${c.h}px`;
  layout(ctx, c);
  const key = `${state.plates.map((p) => p.rect.map(Math.round)).join(";")}|${state.names.map((n) => n.rect.map((v) => Math.round(v / 4))).join(";")}|${c.ox},${c.oy},${c.scale},${c.w},${c.h}`;
  if (key !== state.baseKey) {
    state.baseKey = key;
    paintBase();
  }
  ctx.drawImage(base, 0, 0, c.w, c.h);
  const order = [M.CAMERA, M.PLACE, M.UNIT, M.POST, M.SENSOR];
  for (const kind of order) for (const m of state.shown) if (m.kind === kind) painter[kind](ctx, m, look);
  const ringed = []; // two at one place share a ring: a double one would say nothing
  for (const m of state.shown) {
    if (!(m.bits & M.SELECTED) || ringed.some((o) => Math.hypot(o.sx - m.sx, o.sy - m.sy) < m.size / 2)) continue;
    ringed.push(m);
    M.drawRing(ctx, m.sx, m.sy, m.away === null ? ringOf(m) : m.size * 0.8, look);
  }
  paintScale(ctx, c);
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
  state.paintMs = performance.now() - began;
  state.painted = state.updates;
  if (!state.ready && state.updates) {
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
  const have = Object.entries({ ...state.have, PAINTED: state.painted }).map(([k, v]) => `${k}=${v}`).join("&");
  const answer = await fetch(`app://res/live?${have}`, { cache: "no-store" });
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
  const before = JSON.stringify([state.home, look.span]);
  Object.assign(look, given);
  look.layers = new Set(given.layers);
  state.home = given.home;
  const root = document.documentElement.style;
  for (const name of ["land", "tile", "raised", "line", "text", "text2", "muted", "focus"]) root.setProperty(`--${name}`, look.tokens[name]);
  root.setProperty("--px", `${look.role === "wall" ? look.px : look.px * 12 / 13}px`);
  root.setProperty("--target", `${look.target}px`);
  buildBar(key);
  if (JSON.stringify([state.home, look.span]) !== before) stay();
  readMarks();
  refresh();
}

// What is selected is brought into sight; on a map over several tiles to the middle of its largest, so that no bezel
// runs through it. A wall begins from home each time: one of its machines that was started later shows the same.
function show(x, y) {
  if (look.span && look.role === "wall") goHome();
  const all = whole(), p = map.latLngToContainerPoint(map.unproject(L.point(x * 256, y * 256), 0));
  const [dx, dy] = [(p.x - all.x) / all.k, (p.y - all.y) / all.k], [w, h] = [all.w / all.k, all.h / all.k];
  if (dx > 60 && dy > 70 && dx < w - 60 && dy < h - 60) return;
  const now = looksAt();
  state.touched = true;
  lookAt(aimed(map.unproject(L.point(x * 256, y * 256), 0), now.level), now.level);
}

// ------------------------------------------------------------------ keys and touch

function key(act) {
  const size = map.getSize(), step = [size.x / 4, size.y / 4];
  const pans = { left: [-step[0], 0], right: [step[0], 0], up: [0, -step[1]], down: [0, step[1]] };
  if (act !== "layers") state.touched = state.hand = true;
  if (pans[act]) map.panBy(pans[act], { animate: false });
  else if (act === "in") map.zoomIn(0.5, { animate: false });
  else if (act === "out") map.zoomOut(0.5, { animate: false });
  else if (act === "home") goHome();
  else if (act === "layers") list.hidden = look.role === "wall" || !list.hidden;
}

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

// Two touches of the same thing within 0.45 s are a double one: mouse, pen and finger alike.
function touched(event) {
  if (!list.hidden) { list.hidden = true; return; }
  const found = pick(event.containerPoint, Math.max(14, look.target / 2));
  if (!found) return;
  const what = found.ref ?? `dot ${found.dot}`, now = performance.now();
  const again = state.last?.what === what && now - state.last.at < 450;
  state.last = again ? null : { what, at: now };
  say({ do: again ? "focus" : "select", ...found });
}

function tellView() {
  state.telling = clearTimeout(state.telling);
  const b = map.getBounds(), v = looksAt();
  state.view = v;
  const bounds = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()];
  say({ do: "view", lon: v.centre.lng, lat: v.centre.lat, zoom: v.level, bounds, hand: state.hand, home: !state.touched });
}

// The other parts of the same map go along while a hand moves this one.
function moves() {
  if (state.hand) state.telling ||= setTimeout(tellView, FOLLOW_MS);
}

function view(lon, lat, level, home = false) {
  state.hand = false;
  state.touched = !home;
  lookAt([lat, lon], level);
}

function start() {
  const box = map.getContainer();
  sheet.id = "sheet";
  state.controls = controls;
  box.append(sheet);
  document.body.append(bar, list, zoom);
  map.on("move zoom viewreset", () => { state.baseKey = ""; soon(); moves(); });
  map.on("moveend", () => { ground.camera = null; refresh(); tellView(); state.hand = false; });
  map.on("dragstart", () => { state.touched = state.hand = true; });
  box.addEventListener("wheel", () => { state.touched = state.hand = true; }, { passive: true });
  map.on("resize", () => { stay(); refresh(); });
  map.on("click", touched);
  window.yilan = { go, set, loadGrounds, blinkTo, key, show, view, placePlates, placeNames, state, look, map, mine, whole, goHome };
  setInterval(() => { window.gc?.({ type: "major", execution: "async" }); state.sweeps += 1; }, TIDY_MS);
  const faces = ["400 16px Yilan", "700 16px Yilan"].map((f) => document.fonts.load(f, "一览 8"));
  Promise.allSettled(faces).then(() => say({ do: "ready" }));
}

start();
