// Cases on the map: clustered in the browser, drawn on one canvas. Form and colour both say the light.
/* global L, Supercluster */

const COLOURS = ["#5f7691", "#2c9a63", "#e5a50a", "#d0382d"]; // none, green, yellow, red
const EDGE = ["#3d4f66", "#1b6b43", "#8a6100", "#8f1d14"];
const FONT = '600 12px "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';
const HIT = 4; // pixels beside a mark that still hit it

function feature(row) {
  return { type: "Feature", geometry: { type: "Point", coordinates: [row[1], row[2]] }, properties: { row } };
}

/**
 * A Leaflet layer for cases. Options: `onCase(number)` for a click, `onHover(number | null)`,
 * `describe(row)` for the words beside the pointer. `set({kind, rows})` takes what desks/points.py sends.
 */
export const CaseLayer = L.Renderer.extend({
  options: { padding: 0.25 },

  initialize({ onCase, onHover, describe }) {
    L.Renderer.prototype.initialize.call(this, {});
    Object.assign(this, { onCase, onHover, describe, marks: [], chosen: null, lit: null, kind: "all", rows: [] });
    this.index = null;
    this.byNumber = new Map();
    // what has changed since the index was built: no more in it, and new
    this.gone = new Set();
    this.fresh = new Map();
  },

  set({ kind, rows }) {
    this.kind = kind;
    this.rows = rows;
    this.byNumber = new Map();
    this.index = null;
    this.gone.clear();
    this.fresh.clear();
    clearTimeout(this._settle);
    if (kind !== "grid") {
      for (const row of rows) this.byNumber.set(row[0], row);
      this.index = new Supercluster({
        radius: 44,
        extent: 256,
        maxZoom: 17,
        minPoints: 3,
        map: ({ row }) => ({ red: row[4] === 3 ? 1 : 0, yellow: row[4] === 2 ? 1 : 0, urgent: row[5] }),
        reduce: (sum, one) => {
          sum.red += one.red;
          sum.yellow += one.yellow;
          sum.urgent += one.urgent;
        },
      }).load(rows.map(feature));
    }
    if (this._map) this._update();
    this.fire("set");
  },

  /** Cases that changed: `numbers` were asked for, `rows` are those of them that still belong on the map. */
  change(numbers, rows) {
    if (this.kind === "grid") return;
    for (const number of numbers) {
      this.gone.add(number);
      this.fresh.delete(number);
      this.byNumber.delete(number);
    }
    for (const row of rows) {
      this.fresh.set(row[0], row);
      this.byNumber.set(row[0], row);
    }
    if (this._map) {
      this._collect();
      this._draw();
    }
    // building the index anew takes a tenth of a second with 20,000 cases: not for each change
    clearTimeout(this._settle);
    this._settle = setTimeout(() => this.set({ kind: this.kind, rows: [...this.byNumber.values()] }), this.fresh.size > 500 ? 0 : 5000);
  },

  /** Half transparent while something else is looked at. */
  fade(on) {
    this._container.style.opacity = on ? "0.35" : "";
  },

  choose(number) {
    this.chosen = number;
    if (this._map) this._draw();
  },

  light(number) {
    if (this.lit === number) return;
    this.lit = number;
    if (this._map) this._draw();
  },

  where(number) {
    const row = this.byNumber.get(number);
    return row ? L.latLng(row[2], row[1]) : null;
  },

  _initContainer() {
    this._container = document.createElement("canvas");
    this._ctx = this._container.getContext("2d");
  },
  _destroyContainer() {
    this._container.remove();
    this._container = null;
  },
  _updatePaths() {},

  getEvents() {
    const events = L.Renderer.prototype.getEvents.call(this);
    return { ...events, click: this._click, mousemove: this._move, mouseout: () => this._hover(null) };
  },

  _update() {
    if (!this._map || (this._map._animatingZoom && this._bounds)) return;
    const began = performance.now();
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const scale = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this._container.width = size.x * scale;
    this._container.height = size.y * scale;
    this._container.style.width = `${size.x}px`;
    this._container.style.height = `${size.y}px`;
    this._collect();
    this._draw();
    this.fire("redrawn", { took: performance.now() - began });
  },

  // what lies in view, in pixels of the canvas
  _collect() {
    const { min, max } = this._bounds;
    const map = this._map;
    const at = (lat, lon) => map.latLngToLayerPoint([lat, lon]).subtract(min);
    if (!this.index) {
      const most = Math.max(1, ...this.rows.map((row) => row[2]));
      this.marks = this.rows.map(([lon, lat, n]) => ({ ...pixel(at(lat, lon)), n, r: 9 + 15 * Math.sqrt(n / most), lat, lon }));
      return;
    }
    const [sw, ne] = [map.layerPointToLatLng([min.x, max.y]), map.layerPointToLatLng([max.x, min.y])];
    const found = this.index.getClusters([sw.lng, sw.lat, ne.lng, ne.lat], Math.round(map.getZoom()));
    this.marks = found.filter(({ properties }) => !this.gone.has(properties.row?.[0])).map(({ id, geometry, properties }) => {
      const [lon, lat] = geometry.coordinates;
      const place = { ...pixel(at(lat, lon)), lat, lon };
      if (!properties.cluster) return { ...place, row: properties.row, r: 7 };
      const n = properties.point_count;
      return { ...place, id, n, red: properties.red, yellow: properties.yellow, r: 12 + Math.min(12, Math.log2(n) * 1.6) };
    });
    for (const row of this.fresh.values()) {
      const place = { ...pixel(at(row[2], row[1])), lat: row[2], lon: row[1] };
      if (place.x > -20 && place.y > -20 && place.x < max.x - min.x + 20 && place.y < max.y - min.y + 20) this.marks.push({ ...place, row, r: 7 });
    }
    // what is urgent lies on top
    this.marks.sort((a, b) => rank(a) - rank(b));
  },

  _draw() {
    const ctx = this._ctx;
    const scale = window.devicePixelRatio || 1;
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    ctx.clearRect(0, 0, this._container.width, this._container.height);
    for (const mark of this.marks) mark.row ? drawCase(ctx, mark) : drawCluster(ctx, mark);
    for (const number of [this.lit, this.chosen]) this._ring(ctx, number, number === this.chosen);
  },

  _ring(ctx, number, chosen) {
    const place = number && this.where(number);
    if (!place) return;
    const { x, y } = this._map.latLngToLayerPoint(place).subtract(this._bounds.min);
    if (chosen) drawCase(ctx, { x, y, r: 9, row: this.byNumber.get(number) });
    ctx.beginPath();
    ctx.arc(x, y, chosen ? 16 : 13, 0, 2 * Math.PI);
    ctx.lineWidth = 5;
    ctx.strokeStyle = "rgba(255, 255, 255, 0.9)";
    ctx.stroke();
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = "#1559a6";
    ctx.stroke();
  },

  _hits({ layerPoint }) {
    if (!this._bounds) return [];
    const point = layerPoint.subtract(this._bounds.min);
    return this.marks.filter((mark) => Math.hypot(mark.x - point.x, mark.y - point.y) <= mark.r + HIT).reverse();
  },

  _click(event) {
    const hits = this._hits(event);
    if (!hits.length) return;
    const cases = hits.filter((mark) => mark.row).map((mark) => mark.row[0]);
    if (!hits[0].row) this._open(hits[0]);
    // cases at the same spot: each click takes the next
    else this.onCase(cases[(cases.indexOf(this.chosen) + 1) % cases.length]);
  },

  _open(mark) {
    const map = this._map;
    const zoom = mark.id === undefined ? map.getZoom() + 2 : this.index.getClusterExpansionZoom(mark.id);
    map.setView([mark.lat, mark.lon], Math.min(zoom, map.getMaxZoom()));
  },

  _move(event) {
    if (event.originalEvent.target.closest?.(".leaflet-control")) return this._hover(null);
    return this._hover(this._hits(event)[0] ?? null);
  },

  _hover(mark) {
    this._map.getContainer().style.cursor = mark ? "pointer" : "";
    const number = mark?.row ? mark.row[0] : null;
    if (number === this.lit) return;
    this.light(number);
    this.onHover(number);
    this._tip?.remove();
    this._tip = null;
    if (!number) return;
    this._tip = L.tooltip({ direction: "top", offset: [0, -12] }).setLatLng([mark.lat, mark.lon]).setContent(words(this.describe(mark.row))).addTo(this._map);
  },
});

function words(text) {
  const line = document.createElement("span");
  line.textContent = text;
  return line;
}

function pixel({ x, y }) {
  return { x, y };
}

function rank(mark) {
  return mark.row ? mark.row[4] + 4 * mark.row[5] : 9;
}

function drawCase(ctx, { x, y, r, row }) {
  const light = row[4];
  ctx.beginPath();
  if (light === 3) {
    ctx.moveTo(x, y - r * 1.15);
    ctx.lineTo(x + r * 1.1, y + r * 0.85);
    ctx.lineTo(x - r * 1.1, y + r * 0.85);
    ctx.closePath();
  } else if (light === 2) {
    ctx.moveTo(x, y - r * 1.15);
    ctx.lineTo(x + r * 1.15, y);
    ctx.lineTo(x, y + r * 1.15);
    ctx.lineTo(x - r * 1.15, y);
    ctx.closePath();
  } else {
    ctx.arc(x, y, r - 1, 0, 2 * Math.PI);
  }
  ctx.lineJoin = "round";
  ctx.lineWidth = 4;
  ctx.strokeStyle = row[5] ? "#8f1d14" : "#ffffff";
  ctx.stroke();
  ctx.fillStyle = COLOURS[light];
  ctx.fill();
  ctx.lineWidth = 1;
  ctx.strokeStyle = row[5] ? "#ffffff" : EDGE[light];
  ctx.stroke();
}

function drawCluster(ctx, { x, y, r, n, red = 0, yellow = 0 }) {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.fillStyle = "rgba(255, 255, 255, 0.95)";
  ctx.fill();
  // a ring whose shares are the lights inside
  const shares = [
    [red, COLOURS[3]],
    [yellow, COLOURS[2]],
    [n - red - yellow, "#7d93ad"],
  ];
  let from = -Math.PI / 2;
  ctx.lineWidth = 4;
  for (const [share, colour] of shares) {
    if (!share) continue;
    const to = from + (share / n) * 2 * Math.PI;
    ctx.beginPath();
    ctx.arc(x, y, r - 2, from, to);
    ctx.strokeStyle = colour;
    ctx.stroke();
    from = to;
  }
  ctx.font = FONT;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = "#1a2531";
  ctx.fillText(n >= 10_000 ? `${Math.round(n / 1000)}k` : String(n), x, y + 0.5);
}
