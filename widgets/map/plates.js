// Where plates and names go so that none hides another; pure: rectangles in, rectangles out.

export const overlap = (a, b) =>
  Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));

// How much of the straight way a → b lies in a rectangle, 0…1.
function crossed(a, b, r) {
  if (Math.max(a[0], b[0]) < r[0] - 2 || Math.min(a[0], b[0]) > r[2] + 2) return 0;
  if (Math.max(a[1], b[1]) < r[1] - 2 || Math.min(a[1], b[1]) > r[3] + 2) return 0;
  let inside = 0;
  for (let k = 1; k <= 8; k++) {
    const x = a[0] + (b[0] - a[0]) * k / 9, y = a[1] + (b[1] - a[1]) * k / 9;
    if (x > r[0] - 2 && x < r[2] + 2 && y > r[1] - 2 && y < r[3] + 2) inside++;
  }
  return inside / 8;
}

const outside = (r, b) =>
  Math.max(0, b[0] - r[0]) + Math.max(0, b[1] - r[1]) + Math.max(0, r[2] - b[2]) + Math.max(0, r[3] - b[3]);

// Candidate places of a plate w × h beside a symbol of half size r: right and left, near before far, level before askew.
function candidates(r, w, h, em) {
  const out = [];
  for (const gap of [0.7 * em, 1.7 * em, 3.4 * em]) {
    for (const dy of [0, 0.7, -0.7, 1.3, -1.3, 2.2, -2.2]) {
      for (const side of [1, -1]) {
        if (Math.abs(dy) > 1 && gap < em) continue;
        out.push({ side, dx: side > 0 ? r + gap : -r - gap - w, dy: dy * h - h / 2, far: gap + Math.abs(dy) * h });
      }
    }
  }
  for (const up of [-1, 1]) {
    for (const gap of [0.7 * em, 2 * em]) {
      out.push({ side: 1, dx: -w * 0.15, dy: up < 0 ? -r - gap - h : r + gap, far: em + gap });
      out.push({ side: -1, dx: -w * 0.85, dy: up < 0 ? -r - gap - h : r + gap, far: em + gap });
    }
  }
  return out;
}

// The cheapest candidate of an item among plates that stand.
function best(item, others, blocked, bounds, last, em) {
  const unit = em / 13; // on a wall all is larger: areas weigh by the square of the text, ways by the text
  let found = null;
  candidates(item.r, item.w, item.h, em).forEach((c, index) => {
    // what would stand out of the bounds is moved in: a plate is never cut
    const x = Math.max(bounds[0], Math.min(bounds[2] - item.w, item.x + c.dx));
    const y = Math.max(bounds[1], Math.min(bounds[3] - item.h, item.y + c.dy));
    const rect = [x, y, x + item.w, y + item.h];
    const pad = [rect[0] - 4, rect[1] - 4, rect[2] + 4, rect[3] + 4];
    // as it is painted: to the bar's middle from beside, else to its nearer end
    const half = item.half ?? 0, above = item.y < rect[1] - half, below = item.y > rect[3] + half;
    const end = above ? rect[1] : below ? rect[3] : (rect[1] + rect[3]) / 2;
    const from = [item.x, item.y], to = [c.side > 0 ? rect[0] : rect[2], end];
    let hard = 40 * unit * (Math.abs(x - item.x - c.dx) + Math.abs(y - item.y - c.dy)), soft = 0;
    for (const p of others) {
      hard += 5 * overlap(pad, p.rect); // half a value is worse than none
      soft += 360 * crossed(from, to, p.rect) + 360 * crossed(p.from, p.to, rect);
    }
    for (const b of blocked) {
      hard += (b.weight ?? 1.5) * overlap(pad, b);
      // a leader under another alarm's symbol would give that one the plate
      if (b.core && b.id !== item.id) soft += 420 * crossed(from, to, b.core);
    }
    hard /= unit * unit;
    const cost = hard + soft + c.far * 1.4 / unit + index * 0.4 - (last === index ? 35 : 0);
    if (!found || cost < found.cost) found = { id: item.id, rect, side: c.side, index, from, to, cost, hard: hard * unit * unit };
  });
  return found;
}

// Each plate is placed in turn, then twice again among all others; what finds no room and is no `must` is left out.
function placedInTurn(items, blocked, bounds, before, em) {
  const placed = new Map();
  for (let round = 0; round < 3; round++) {
    for (const item of items) {
      const others = [...placed.values()].filter((p) => p.id !== item.id);
      const mine = best(item, others, blocked, bounds, before.get(item.id), em);
      if (item.must || mine.hard < 0.12 * item.w * item.h) placed.set(item.id, mine); else placed.delete(item.id);
    }
  }
  return placed;
}

const FEW = 8; // of which the other order is tried too: one that came first may stand in the way of all others
const LEFT_OUT = 400; // what a plate that is not there costs
const STRAINED = 150; // one that costs more stands ill

// items: [{id, x, y, r, w, h, half, must}] most important first. blocked: rectangles of symbols, of alarms with `id` and
// `core`. bounds: [x0, y0, x1, y1]. before: Map id → index chosen last time, which is kept unless another is clearly
// better. Gives [{id, rect, side, index, from, to}].
export function placePlates(items, blocked, bounds, before, em = 13) {
  const costs = (placed) => items.map((i) => placed.get(i.id)?.cost ?? LEFT_OUT);
  const sum = (placed) => costs(placed).reduce((a, b) => a + b, 0);
  let placed = placedInTurn(items, blocked, bounds, before, em);
  if (items.length > 1 && items.length <= FEW && Math.max(...costs(placed)) > STRAINED) {
    const other = placedInTurn([...items].reverse(), blocked, bounds, before, em);
    if (sum(other) < sum(placed) - 1) placed = other;
  }
  return items.filter((i) => placed.has(i.id)).map((i) => placed.get(i.id));
}

// Names beside symbols: right, left, below, above and the corners; left out where all are taken.
export function placeNames(items, blocked, bounds, before) {
  const placed = [];
  for (const item of items) {
    const { x, y, r, w, h } = item;
    const [right, left, below, above] = [x + r + 4, x - r - 4 - w, y + r + 2, y - r - 2 - h];
    const spots = [
      [right, y - h / 2], [left, y - h / 2], [x - w / 2, below], [x - w / 2, above],
      [x + r - w, below], [x + r - w, above], [x - r, below], [x - r, above],
    ];
    const last = before.get(item.id);
    const all = spots.map((_, n) => n);
    const order = last === undefined ? all : [last, ...all.filter((n) => n !== last)];
    for (const index of order) {
      const rect = [spots[index][0], spots[index][1], spots[index][0] + w, spots[index][1] + h];
      if (outside(rect, bounds) > 0) continue;
      if (blocked.some((b) => b.id !== item.id && overlap(rect, b) > 0)) continue;
      if (placed.some((p) => overlap(rect, p.rect) > 0)) continue;
      placed.push({ id: item.id, rect, index });
      break;
    }
  }
  return placed;
}
