// What every part of the page shares: the map, the look it was told, what was fetched, the camera; draws nothing.

export const map = window.map_yilan;
export const look = { tokens: null, strings: {}, px: 13, target: 0, role: "desk", language: "zh", family: "Yilan", layers: new Set(), span: null, covers: [] };
export const state = {
  have: {}, dots: new Float64Array(0), dotStates: new Uint8Array(0), rows: new Float64Array(0), words: [], marks: [],
  lit: true, corner: [], grounds: [], home: null, view: null, touched: false, hand: false, hits: [], plates: [], names: [], ready: false, updates: 0, paints: 0, sweeps: 0, painted: 0,
};

export const say = (message) => fetch(`app://res/say?${encodeURIComponent(JSON.stringify(message))}`).catch(() => {});

// The whole of which this view is a part, in this view's px: its corner and size; `k` px here for one of the whole's.
// A window of another shape that stands in for a screen shows all of its part, in the middle.
export function whole() {
  const size = map.getSize(), s = look.span;
  if (!s) return { x: 0, y: 0, w: size.x, h: size.y, k: 1 };
  const k = Math.min(size.x / (s.w * s.size[0]), size.y / (s.h * s.size[1]));
  const w = k * s.size[0], h = k * s.size[1];
  return { x: size.x / 2 - (s.x + s.w / 2) * w, y: size.y / 2 - (s.y + s.h / 2) * h, w, h, k };
}

// Whether this view is the one to show what lies at a point, of all that show one map: the one that it lies in, else
// the nearest, of those the first. All of them, on whatever machine, come to the same answer.
export function mine(x, y, all = whole()) {
  const s = look.span;
  if (!s) return true;
  const gx = (x - all.x) / all.k, gy = (y - all.y) / all.k;
  let best = -1, least = Infinity;
  s.parts.forEach(([px, py, pw, ph], i) => {
    const dx = Math.max(px * s.size[0] - gx, 0, gx - (px + pw) * s.size[0]);
    const dy = Math.max(py * s.size[1] - gy, 0, gy - (py + ph) * s.size[1]);
    if (dx * dx + dy * dy < least - 1e-6) { least = dx * dx + dy * dy; best = i; }
  });
  return best === s.part;
}

// How far behind a bezel something may lie to be shown beside it; farther away it is out of sight.
export const behind = () => 3 * look.px;

// screen = world · scale − (ox, oy); `pad` widens the view on each side by that share
export function camera(pad = 0) {
  const size = map.getSize(), zoom = map.getZoom(), scale = 256 * 2 ** zoom;
  const at = map.project(map.getCenter(), zoom); // unrounded, so that neighbours on a wall meet
  return {
    ox: at.x - size.x / 2 - pad * size.x, oy: at.y - size.y / 2 - pad * size.y, scale,
    zoom: zoom - Math.log2(whole().k), // the whole's: what is drawn from which zoom on is alike on all of its screens
    w: size.x * (1 + 2 * pad), h: size.y * (1 + 2 * pad), lat: map.getCenter().lat * Math.PI / 180,
  };
}
