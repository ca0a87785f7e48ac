// What every part of the page shares: the map, the look it was told, what was fetched, the camera; draws nothing.

export const map = window.map_yilan;
export const look = { tokens: null, strings: {}, px: 13, role: "desk", language: "zh", family: "Yilan", layers: new Set(), span: [1, 1, 0, 0], cell: null, covers: [] };
export const state = {
  have: {}, dots: new Float64Array(0), dotStates: new Uint8Array(0), rows: new Float64Array(0), words: [], marks: [],
  lit: true, corner: [], grounds: [], home: null, touched: false, hits: [], plates: [], names: [], ready: false, updates: 0, paints: 0, sweeps: 0, painted: 0,
};

export const say = (message) => fetch(`app://res/say?${encodeURIComponent(JSON.stringify(message))}`).catch(() => {});

// screen = world · scale − (ox, oy); `pad` widens the view on each side by that share
export function camera(pad = 0) {
  const size = map.getSize(), zoom = map.getZoom(), scale = 256 * 2 ** zoom;
  const at = map.project(map.getCenter(), zoom); // unrounded, so that neighbours on a wall meet
  return {
    ox: at.x - size.x / 2 - pad * size.x, oy: at.y - size.y / 2 - pad * size.y, scale, zoom,
    w: size.x * (1 + 2 * pad), h: size.y * (1 + 2 * pad), lat: map.getCenter().lat * Math.PI / 180,
  };
}
