// The ground: areas, waters, streets and their names, drawn from points in the unit square; knows nothing that moves.

const LINES = {
  // class: [colour token, width in px at body text 13, from this zoom on, dash]
  pipe: ["shore", 1, 11.5, [1, 3]],
  street: ["street", 1, 12.2, null],
  main: ["main_street", 1.5, 9.5, null],
  rail: ["border", 1, 9.5, null],
  motorway: ["motorway", 3, 7, null],
  border: ["border", 1, 7, [8, 3, 1.5, 3]],
};

export function parseGround(buffer) {
  const head = new DataView(buffer).getUint32(4, true);
  const rows = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, head)));
  const xy = new Float64Array(buffer, 8 + head);
  const features = [];
  let at = 0;
  for (const [cls, rank, zh, en, width, angle, shape, counts] of rows) {
    const feature = { cls, rank, zh, en, width, angle, shape, parts: [], box: [Infinity, Infinity, -Infinity, -Infinity] };
    for (const count of counts) {
      const part = xy.subarray(at, at + 2 * count);
      at += 2 * count;
      for (let i = 0; i < part.length; i += 2) {
        feature.box[0] = Math.min(feature.box[0], part[i]);
        feature.box[1] = Math.min(feature.box[1], part[i + 1]);
        feature.box[2] = Math.max(feature.box[2], part[i]);
        feature.box[3] = Math.max(feature.box[3], part[i + 1]);
      }
      feature.parts.push(part);
    }
    features.push(feature);
  }
  return features.sort((a, b) => a.rank - b.rank);
}

// camera: {ox, oy, scale, w, h}: screen = world · scale − (ox, oy)
function inView(f, c, by = 8) {
  return f.box[2] * c.scale - c.ox > -by && f.box[0] * c.scale - c.ox < c.w + by
    && f.box[3] * c.scale - c.oy > -by && f.box[1] * c.scale - c.oy < c.h + by;
}

function trace(ctx, f, c) {
  for (const part of f.parts) {
    let px = Infinity, py = Infinity;
    for (let i = 0; i < part.length; i += 2) {
      const x = part[i] * c.scale - c.ox, y = part[i + 1] * c.scale - c.oy;
      const last = i + 2 >= part.length;
      if (i && !last && Math.abs(x - px) + Math.abs(y - py) < 1.2) continue; // finer than a pixel: not seen
      if (i) ctx.lineTo(x, y); else ctx.moveTo(x, y);
      px = x; py = y;
    }
    if (f.shape === 2) ctx.closePath();
  }
}

function path(ctx, features, c) {
  ctx.beginPath();
  for (const f of features) trace(ctx, f, c);
}

export function drawGround(ctx, features, c, look, shown) {
  const t = look.tokens, s = look.px / 13;
  ctx.fillStyle = t.land;
  ctx.fillRect(0, 0, c.w, c.h);
  ctx.lineJoin = "round";
  ctx.lineCap = "round";
  const by = {};
  for (const f of features) if (inView(f, c)) (by[f.cls] ??= []).push(f);
  fillAreas(ctx, by, c, t);
  drawWater(ctx, by, c, t, s);
  for (const cls of ["pipe", "street", "main", "rail", "motorway"]) {
    if (cls === "pipe" && !shown.has("pipes")) continue;
    drawLines(ctx, cls, by[cls], c, t, s);
  }
  drawBorders(ctx, by.border ?? [], c, t, s);
}

// The border of the area's parts is plain, those inside them only hinted at, and only near by.
function drawBorders(ctx, borders, c, t, s) {
  drawLines(ctx, "border", borders.filter((f) => f.rank <= 1), c, t, s);
  ctx.save();
  ctx.globalAlpha = 0.4;
  if (c.zoom >= 12.8) strokeBorder(ctx, borders.filter((f) => f.rank === 2), c, t, s);
  strokeBorder(ctx, borders.filter((f) => f.rank > 2), c, t, s);
  ctx.restore();
}

function strokeBorder(ctx, features, c, t, s) {
  path(ctx, features, c);
  ctx.setLineDash([6 * Math.sqrt(s), 4 * Math.sqrt(s)]);
  ctx.strokeStyle = t.border;
  ctx.lineWidth = 1;
  ctx.stroke();
  ctx.setLineDash([]);
}

function fillAreas(ctx, by, c, t) {
  for (const cls of ["land", "built"]) {
    ctx.fillStyle = cls === "land" ? t.inside : t.built;
    for (const f of by[cls] ?? []) {
      if (f.shape !== 2) continue;
      path(ctx, [f], c);
      ctx.fill("evenodd");
    }
  }
}

function drawWater(ctx, by, c, t, s) {
  const metre = c.scale / 40075016.7 / Math.cos(c.lat);
  for (const f of by.water ?? []) {
    path(ctx, [f], c);
    if (f.shape === 2) {
      ctx.fillStyle = t.water;
      ctx.fill("evenodd");
      ctx.strokeStyle = t.shore;
      ctx.lineWidth = 1;
      ctx.stroke();
    } else {
      const width = Math.max(2 * s, (f.width || 40) * metre);
      ctx.strokeStyle = t.shore;
      ctx.lineWidth = width + 2;
      ctx.stroke();
      ctx.strokeStyle = t.water;
      ctx.lineWidth = width;
      ctx.stroke();
    }
  }
  ctx.strokeStyle = t.shore;
  ctx.lineWidth = 1;
  path(ctx, (by.shore ?? []).filter((f) => f.shape !== 0), c);
  ctx.stroke();
}

function drawLines(ctx, cls, features, c, t, s) {
  const [token, width, fromZoom, dash] = LINES[cls];
  if (!features?.length || c.zoom < fromZoom) return;
  // far out thin lines would clot: they fade in over one zoom step
  ctx.globalAlpha = cls === "street" ? Math.min(1, 0.35 + 0.65 * (c.zoom - fromZoom)) : 1;
  const w = width * Math.max(1, s * 0.45) * (cls === "motorway" && c.zoom < 11 ? 0.75 : 1)
    * Math.min(4, 1.3 ** Math.max(0, c.zoom - 12.8)); // near by a street is a street, not a line
  path(ctx, features.filter((f) => f.shape !== 0), c);
  if (cls === "motorway") {
    ctx.strokeStyle = t.land;
    ctx.lineWidth = w + 2;
    ctx.stroke();
  }
  if (cls === "rail") {
    ctx.strokeStyle = t.main_street;
    ctx.lineWidth = w + 1;
    ctx.stroke();
    ctx.strokeStyle = t.land;
    ctx.lineCap = "butt";
    ctx.setLineDash([8 * s, 8 * s]);
  } else if (dash) {
    ctx.setLineDash(dash.map((d) => d * Math.sqrt(s)));
  }
  ctx.strokeStyle = t[token];
  ctx.lineWidth = w;
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.lineCap = "round";
  ctx.globalAlpha = 1;
}

// ------------------------------------------------------------------ names

export const townPx = (look) => Math.min(look.px * 1.3, look.px + 6);

// Every name that could stand in this view, most important first: {text, kind, x, y, angle, w, h, px}
export function findNames(ctx, features, c, look) {
  const out = [], roads = new Map(), fixed = new Set();
  for (const f of features) {
    const text = look.language === "en" ? f.en : f.zh;
    // of a map over several tiles what is named at a point may lie behind the bezel
    const near = look.span && (f.cls === "place" || f.shape === 0) ? 3 * look.px : 8;
    if (!text || f.cls === "border" || f.cls === "pipe" || !inView(f, c, near)) continue;
    const key = `${f.cls}|${text}`;
    if (f.cls === "place") {
      if (f.rank <= 2 || c.zoom >= (f.rank === 3 ? 12.9 : 14.6)) out.push(town(ctx, f, text, c, look));
    } else if (f.shape === 0) {
      if (f.cls === "street" && c.zoom < 14.5 || f.cls === "main" && c.zoom < 11.4) continue;
      out.push(pinned(ctx, f, text, c, look));
      fixed.add(key);
    } else if (f.shape === 1 && f.cls !== "shore") {
      if (roads.has(key)) roads.get(key).push(f); else roads.set(key, [f]);
    }
  }
  for (const [key, group] of roads) {
    const name = fixed.has(key) ? null : alongLine(ctx, group, c, look);
    if (name) out.push(name);
  }
  const order = { town: 0, shield: 1, water: 2, road: 3 };
  return out.sort((a, b) => order[a.kind] - order[b.kind] || a.rank - b.rank);
}

const SHIELD = /^[GSX]\d+/;

// A name that the map's maker set at a point, turned by an angle.
function pinned(ctx, f, text, c, look) {
  const px = look.px * 12 / 13;
  ctx.font = `${px}px ${look.family}`;
  const shield = f.cls === "motorway" && SHIELD.exec(text);
  const label = shield ? shield[0] : text;
  const w = ctx.measureText(label).width + (shield ? 10 * look.px / 13 : 0);
  const x = f.parts[0][0] * c.scale - c.ox, y = f.parts[0][1] * c.scale - c.oy;
  const kind = shield ? "shield" : f.cls === "water" ? "water" : "road";
  return { text: label, kind, pinned: true, rank: f.rank, x, y, angle: shield ? 0 : f.angle * Math.PI / 180, w, h: px * 1.35, px };
}

function town(ctx, f, text, c, look) {
  const px = townPx(look) * (f.rank > 2 ? 0.78 : f.rank > 1 ? 0.9 : 1);
  ctx.font = `${f.rank > 2 ? "" : "bold "} ${px}px ${look.family}`;
  ctx.letterSpacing = `${px * 0.1}px`;
  const w = ctx.measureText(text).width;
  ctx.letterSpacing = "0px";
  const [x, y] = [f.parts[0][0] * c.scale - c.ox, f.parts[0][1] * c.scale - c.oy];
  return { text, kind: "town", pinned: true, bold: f.rank <= 2, rank: f.rank, x, y, angle: 0, w, h: px * 1.3, px };
}

function alongLine(ctx, group, c, look) {
  const f = group[0];
  const text = look.language === "en" ? f.en : f.zh;
  const shield = f.cls === "motorway" && SHIELD.exec(text);
  if (f.cls === "street" && c.zoom < 14.5 || f.cls === "main" && c.zoom < 11.4) return null;
  const px = look.px * 12 / 13;
  ctx.font = `${px}px ${look.family}`;
  const label = shield ? shield[0] : text;
  const w = ctx.measureText(label).width;
  const spot = straightest(group, c, shield ? 4 : w + 8, w);
  if (!spot) return null;
  const kind = shield ? "shield" : f.cls === "water" ? "water" : "road";
  return { text: label, kind, rank: f.rank, ...spot, angle: shield ? 0 : spot.angle, w: w + (shield ? 10 : 0), h: px * 1.35, px };
}

// The straight enough stretch of `length` px nearest to the middle of the view.
function straightest(group, c, length, margin) {
  let best = null;
  for (const f of group) for (const part of f.parts) {
    const pts = [];
    for (let i = 0; i < part.length; i += 2) pts.push([part[i] * c.scale - c.ox, part[i + 1] * c.scale - c.oy]);
    for (let i = 0, j = 1, run = 0; i + 1 < pts.length; i++) {
      if (j <= i) { j = i + 1; run = 0; }
      while (j < pts.length && Math.hypot(pts[j][0] - pts[i][0], pts[j][1] - pts[i][1]) < length) j++;
      if (j >= pts.length) break;
      const [a, b] = [pts[i], pts[j]];
      const chord = Math.hypot(b[0] - a[0], b[1] - a[1]);
      const long = chord > 2 * length; // one long segment: its middle near the view's middle
      const k = long ? clampShare(a, b, c) : 0.5;
      const x = a[0] + (b[0] - a[0]) * k, y = a[1] + (b[1] - a[1]) * k;
      if (x < margin / 2 || y < 14 || x > c.w - margin / 2 || y > c.h - 14) continue;
      let bend = 0;
      for (let n = i + 1; n < j; n++) {
        bend = Math.max(bend, Math.abs((b[0] - a[0]) * (a[1] - pts[n][1]) - (a[0] - pts[n][0]) * (b[1] - a[1])) / chord);
      }
      if (bend > 6) continue;
      const cost = Math.hypot(x - c.w / 2, y - c.h / 2) + bend * 30;
      if (!best || cost < best.cost) {
        let angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
        if (angle > Math.PI / 2) angle -= Math.PI;
        if (angle < -Math.PI / 2) angle += Math.PI;
        best = { x, y, angle, cost };
      }
    }
  }
  return best;
}

function clampShare(a, b, c) {
  const dx = b[0] - a[0], dy = b[1] - a[1];
  const k = ((c.w / 2 - a[0]) * dx + (c.h / 2 - a[1]) * dy) / (dx * dx + dy * dy);
  return Math.max(0.2, Math.min(0.8, k));
}

export function nameRect(n) {
  const ca = Math.abs(Math.cos(n.angle)), sa = Math.abs(Math.sin(n.angle));
  const w = (n.w * ca + n.h * sa) / 2 + 2, h = (n.w * sa + n.h * ca) / 2;
  return [n.x - w, n.y - h, n.x + w, n.y + h];
}

export function drawName(ctx, n, look) {
  const t = look.tokens;
  ctx.save();
  ctx.translate(n.x, n.y);
  ctx.rotate(n.angle);
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  const spaced = n.kind === "town", bold = spaced && n.bold;
  ctx.font = `${bold ? "bold " : ""}${n.px}px ${look.family}`;
  if (spaced) ctx.letterSpacing = `${n.px * 0.1}px`;
  if (n.kind === "shield") {
    ctx.fillStyle = t.land;
    ctx.strokeStyle = t.main_street === "#FFFFFF" ? t.border : t.main_street;
    ctx.lineWidth = 1.5;
    ctx.beginPath();
    ctx.rect(-n.w / 2, -n.h / 2, n.w, n.h);
    ctx.fill();
    ctx.stroke();
  } else {
    ctx.strokeStyle = t.land;
    ctx.lineWidth = Math.max(3, n.px / 4.5);
    ctx.strokeText(n.text, 0, 0);
  }
  ctx.fillStyle = spaced ? t.text2 : n.kind === "shield" ? t.text2 : t.muted;
  ctx.fillText(n.text, 0, n.px * 0.04);
  ctx.restore();
}
