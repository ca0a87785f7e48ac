// Draws symbols, plates, rings and arrows on a canvas; decides neither where they stand nor what they say.

export const ALARM = 0, CAMERA = 1, POST = 2, UNIT = 3, PLACE = 4, SENSOR = 5;
export const FILLED = 1, RETURNED = 2, SELECTED = 4, STALE = 8, MINOR = 16, MOBILE = 32, PLATE = 64, BUSY = 128;

export const priorityOf = (bits) => (bits >> 8) & 15;
export const trendOf = (bits) => (bits >> 12) & 3;

// p1 ■, p2 ◆, p3 ▲, p4 ●; `size` is the whole width, rim included
function shapePath(ctx, p, x, y, size) {
  const h = size / 2;
  ctx.beginPath();
  if (p === 1) ctx.rect(x - h * 0.92, y - h * 0.92, size * 0.92, size * 0.92);
  else if (p === 2) { ctx.moveTo(x, y - h * 1.08); ctx.lineTo(x + h * 1.08, y); ctx.lineTo(x, y + h * 1.08); ctx.lineTo(x - h * 1.08, y); ctx.closePath(); }
  else if (p === 3) { ctx.moveTo(x, y - h); ctx.lineTo(x + h * 1.08, y + h * 0.82); ctx.lineTo(x - h * 1.08, y + h * 0.82); ctx.closePath(); }
  else ctx.arc(x, y, h * 0.95, 0, 2 * Math.PI);
}

export function drawBadge(ctx, m, look, lit) {
  const t = look.tokens, p = m.priority, c = t.priority[p];
  const size = m.size, number = !(m.bits & MINOR);
  const rim = Math.max(1.5, size / 15);
  shapePath(ctx, p, m.sx, m.sy, size);
  ctx.lineJoin = "miter";
  ctx.strokeStyle = t.land;
  ctx.lineWidth = rim + 3;
  ctx.stroke();
  const filled = (m.bits & FILLED) && !(m.bits & RETURNED) && lit;
  ctx.fillStyle = filled ? c.fill : t.tile;
  ctx.fill();
  ctx.strokeStyle = filled ? c.rim : c.line;
  ctx.lineWidth = rim;
  ctx.stroke();
  if (!number) return;
  ctx.fillStyle = filled ? c.fill_text : c.line;
  ctx.font = `bold ${Math.round(size * (p === 3 ? 0.54 : 0.62))}px ${look.family}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "alphabetic";
  const drop = { 1: 0.22, 2: 0.22, 3: 0.3, 4: 0.22 }[p] ?? 0.22;
  ctx.fillText(String(p), m.sx, m.sy + size * drop);
  if (m.bits & RETURNED) drawCheck(ctx, m.sx + size * 0.42, m.sy + size * 0.42, size * 0.3, c.line, t.tile);
}

function drawCheck(ctx, x, y, s, colour, ground) {
  for (const [style, width] of [[ground, s * 0.7], [colour, s * 0.26]]) {
    ctx.beginPath();
    ctx.moveTo(x - s * 0.5, y);
    ctx.lineTo(x - s * 0.1, y + s * 0.4);
    ctx.lineTo(x + s * 0.6, y - s * 0.5);
    ctx.strokeStyle = style;
    ctx.lineWidth = width;
    ctx.stroke();
  }
}

export function drawRing(ctx, x, y, r, look) {
  const t = look.tokens, w = Math.max(2.5, look.px / 5.5);
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.strokeStyle = t.land;
  ctx.lineWidth = w + 3;
  ctx.stroke();
  ctx.strokeStyle = t.focus;
  ctx.lineWidth = w;
  ctx.stroke();
}

// A chevron beyond a symbol held at the edge: what it stands for lies further that way.
export function drawChevron(ctx, m, look) {
  const r = m.size * 0.95, w = m.size * 0.34;
  ctx.save();
  ctx.translate(m.sx + Math.cos(m.away) * r, m.sy + Math.sin(m.away) * r);
  ctx.rotate(m.away);
  ctx.beginPath();
  ctx.moveTo(-w * 0.5, -w);
  ctx.lineTo(w * 0.5, 0);
  ctx.lineTo(-w * 0.5, w);
  ctx.lineJoin = "round";
  for (const [style, width] of [[look.tokens.land, m.size / 6 + 3], [look.tokens.priority[m.priority].line, m.size / 9]]) {
    ctx.strokeStyle = style;
    ctx.lineWidth = width;
    ctx.stroke();
  }
  ctx.restore();
}

const ink = (m, look) => (m.bits & STALE ? look.tokens.fault : look.tokens.text);

export function drawFlag(ctx, m, look) {
  const s = m.size, x = m.sx, y = m.sy;
  ctx.save();
  ctx.translate(x, y);
  ctx.lineJoin = "round";
  for (const halo of [true, false]) {
    ctx.beginPath();
    ctx.moveTo(-s * 0.42, s * 0.5);
    ctx.lineTo(-s * 0.42, -s * 0.42);
    ctx.lineTo(s * 0.52, -s * 0.42);
    ctx.lineTo(s * 0.34, -s * 0.12);
    ctx.lineTo(s * 0.52, s * 0.18);
    ctx.lineTo(-s * 0.42, s * 0.18);
    ctx.strokeStyle = halo ? look.tokens.land : ink(m, look);
    ctx.lineWidth = halo ? 4 : Math.max(1.5, s / 12);
    ctx.stroke();
    ctx.fillStyle = ink(m, look);
    if (!halo) ctx.fill();
  }
  ctx.restore();
}

export function drawUnit(ctx, m, look) {
  const s = m.size / 2;
  ctx.save();
  ctx.translate(m.sx, m.sy);
  ctx.rotate((Number.isFinite(m.heading) ? m.heading : 0) * Math.PI / 180);
  ctx.beginPath();
  ctx.moveTo(0, -s * 1.1);
  ctx.lineTo(s * 0.8, s);
  ctx.lineTo(0, s * 0.55);
  ctx.lineTo(-s * 0.8, s);
  ctx.closePath();
  ctx.lineJoin = "round";
  ctx.strokeStyle = look.tokens.land;
  ctx.lineWidth = 3.5;
  ctx.stroke();
  ctx.fillStyle = m.dim ? look.tokens.muted : m.bits & (BUSY | STALE | SELECTED) ? ink(m, look) : look.tokens.text2;
  ctx.fill();
  ctx.restore();
}

export function drawHouse(ctx, m, look) {
  const s = m.size / 2, x = m.sx, y = m.sy;
  ctx.beginPath();
  if (m.unit === "hospital") {
    ctx.rect(x - s * 0.8, y - s * 0.8, s * 1.6, s * 1.6);
    ctx.moveTo(x, y - s * 0.45); ctx.lineTo(x, y + s * 0.45);
    ctx.moveTo(x - s * 0.45, y); ctx.lineTo(x + s * 0.45, y);
  } else if (m.unit === "depot") {
    ctx.rect(x - s * 0.85, y - s * 0.6, s * 1.7, s * 1.3);
    ctx.moveTo(x - s * 0.85, y - s * 0.1); ctx.lineTo(x + s * 0.85, y - s * 0.1);
  } else if (m.unit === "quake") { // two rings, as on seismic maps
    ctx.arc(x, y, s * 0.9, 0, 2 * Math.PI);
    ctx.moveTo(x + s * 0.4, y);
    ctx.arc(x, y, s * 0.4, 0, 2 * Math.PI);
  } else {
    ctx.moveTo(x - s, y - s * 0.1);
    ctx.lineTo(x, y - s);
    ctx.lineTo(x + s, y - s * 0.1);
    ctx.lineTo(x + s, y + s * 0.8);
    ctx.lineTo(x - s, y + s * 0.8);
    ctx.closePath();
  }
  ctx.lineJoin = "round";
  ctx.strokeStyle = look.tokens.land;
  ctx.lineWidth = 4.5;
  ctx.stroke();
  ctx.fillStyle = look.tokens.land;
  ctx.fill();
  ctx.strokeStyle = m.unit === "shelter" || m.bits & SELECTED ? look.tokens.text : look.tokens.text2;
  ctx.lineWidth = Math.max(1.5, s / 6);
  ctx.stroke();
}

export function drawCamera(ctx, m, look) {
  const s = m.size, t = look.tokens;
  ctx.fillStyle = t.data;
  if (Number.isFinite(m.heading)) {
    const a = (m.heading - 90) * Math.PI / 180;
    ctx.globalAlpha = 0.22;
    ctx.beginPath();
    ctx.moveTo(m.sx, m.sy);
    ctx.arc(m.sx, m.sy, s * 2.1, a - 0.42, a + 0.42);
    ctx.closePath();
    ctx.fill();
    ctx.globalAlpha = 1;
  }
  ctx.beginPath();
  ctx.arc(m.sx, m.sy, s / 2, 0, 2 * Math.PI);
  ctx.strokeStyle = t.land;
  ctx.lineWidth = 2;
  ctx.stroke();
  ctx.fill();
}

export function drawDotFault(ctx, x, y, r, colour) {
  ctx.beginPath();
  ctx.moveTo(x - r, y - r); ctx.lineTo(x + r, y + r);
  ctx.moveTo(x + r, y - r); ctx.lineTo(x - r, y + r);
  ctx.strokeStyle = colour;
  ctx.lineWidth = Math.max(1.5, r / 2.2);
  ctx.stroke();
}

// ------------------------------------------------------------------ plates and names

const colourOf = (m, look) =>
  m.kind === ALARM ? look.tokens.priority[m.priority].line : look.tokens.text;

// As much of the words as is that wide.
function fitted(ctx, words, most) {
  if (ctx.measureText(words).width <= most) return words;
  let end = words.length;
  while (end > 0 && ctx.measureText(`${words.slice(0, end)}…`).width > most) end--;
  return `${words.slice(0, end)}…`;
}

// `most` is the width of all that there is: a longer name is cut, never a value.
export function measurePlate(ctx, m, look, most) {
  const px = look.px, big = Math.round(px * (look.role === "wall" ? 1.12 : 1.16));
  ctx.font = `${px}px ${look.family}`;
  m.title = fitted(ctx, m.name, most - px * 1.5);
  const name = ctx.measureText(m.title).width;
  ctx.font = `bold ${big}px ${look.family}`;
  m.words = m.value + (m.unitText ? ` ${m.unitText}` : "");
  const value = ctx.measureText(m.words).width + (m.trend ? big * 0.95 : 0);
  m.bigPx = big;
  m.edge = Math.max(3, px * 0.26);
  m.padX = px * 0.55;
  m.chipW = 0;
  if (m.chip) { ctx.font = `${px}px ${look.family}`; m.chipW = ctx.measureText(m.chip).width + px * 1.5 + 6; }
  m.plateW = Math.ceil(Math.max(name, value) + 2 * m.padX + m.edge);
  m.plateH = Math.ceil(px * 1.3 + big * 1.28 + px * 0.28);
}

export function drawPlate(ctx, m, rect, side, look) {
  const t = look.tokens, px = look.px, colour = colourOf(m, look);
  const [x0, y0, x1, y1] = rect;
  const barX = side > 0 ? x0 : x1;
  ctx.beginPath();
  const lead = leader(m, barX, y0, y1);
  ctx.moveTo(lead[0], lead[1]);
  ctx.lineTo(barX, lead[2]);
  ctx.strokeStyle = colour;
  ctx.lineWidth = Math.max(1.5, px / 8);
  ctx.stroke();
  ctx.fillStyle = t.tile;
  ctx.fillRect(x0, y0, x1 - x0, y1 - y0);
  ctx.strokeStyle = t.line;
  ctx.lineWidth = 1;
  ctx.strokeRect(x0 + 0.5, y0 + 0.5, x1 - x0 - 1, y1 - y0 - 1);
  ctx.fillStyle = colour;
  ctx.fillRect(side > 0 ? x0 : x1 - m.edge, y0, m.edge, y1 - y0);
  const left = x0 + m.padX + (side > 0 ? m.edge : 0);
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.font = `${px}px ${look.family}`;
  ctx.fillStyle = t.text;
  ctx.fillText(m.title, left, y0 + px * 1.18);
  ctx.font = `bold ${m.bigPx}px ${look.family}`;
  ctx.fillStyle = colour;
  const base = y1 - px * 0.42;
  ctx.fillText(m.words, left, base);
  if (m.trend) drawArrow(ctx, left + ctx.measureText(m.words).width + m.bigPx * 0.62, base - m.bigPx * 0.36, m.bigPx * 0.8, m.trend === 1, colour);
}

// From the symbol's edge to the nearest end of the bar, or to its middle from beside.
function leader(m, barX, y0, y1) {
  const ty = m.sy > y1 + m.size / 2 ? y1 : m.sy < y0 - m.size / 2 ? y0 : (y0 + y1) / 2;
  const dx = barX - m.sx, dy = ty - m.sy, d = Math.hypot(dx, dy) || 1;
  const r = m.size * 0.52;
  return [m.sx + dx / d * r, m.sy + dy / d * r, ty];
}

function drawArrow(ctx, x, y, h, up, colour) {
  const s = up ? -1 : 1;
  ctx.beginPath();
  ctx.moveTo(x, y - s * h / 2);
  ctx.lineTo(x, y + s * h / 2);
  ctx.moveTo(x - h * 0.28, y + s * h * 0.2);
  ctx.lineTo(x, y + s * h / 2);
  ctx.lineTo(x + h * 0.28, y + s * h * 0.2);
  ctx.strokeStyle = colour;
  ctx.lineWidth = Math.max(1.5, h / 7);
  ctx.lineJoin = "miter";
  ctx.stroke();
}

export function measureName(ctx, m, look) {
  ctx.font = `${look.px}px ${look.family}`;
  m.nameText = m.note ? `${m.name} ${m.note}` : m.name;
  m.nameW = ctx.measureText(m.nameText).width;
  m.chipW = m.chip ? ctx.measureText(m.chip).width + look.px * 1.7 : 0;
  m.nameH = look.px * 1.35;
  m.fullW = m.nameW + (m.chip ? m.chipW + look.px * 0.6 : 0);
}

export function drawMarkName(ctx, m, rect, look) {
  const t = look.tokens;
  ctx.font = `${look.px}px ${look.family}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.lineJoin = "round";
  const base = rect[1] + look.px * 1.04;
  ctx.strokeStyle = t.land;
  ctx.lineWidth = Math.max(3, look.px / 4);
  ctx.strokeText(m.nameText, rect[0], base);
  ctx.fillStyle = t.text;
  ctx.fillText(m.nameText, rect[0], base);
  if (m.chip) drawChip(ctx, m, rect[0] + m.nameW + look.px * 0.6, rect[1] - look.px * 0.04, look);
}

// ✕ 6 min on the fault's fill
export function drawChip(ctx, m, x, y, look) {
  const t = look.tokens, px = look.px, h = px * 1.45;
  ctx.fillStyle = t.fault_fill;
  ctx.fillRect(x, y, m.chipW, h);
  drawDotFault(ctx, x + px * 0.75, y + h / 2, px * 0.26, t.fault_fill_text);
  ctx.fillStyle = t.fault_fill_text;
  ctx.font = `${px}px ${look.family}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.fillText(m.chip, x + px * 1.3, y + h * 0.74);
}
