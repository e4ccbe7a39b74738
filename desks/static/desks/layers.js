// What the console's map shows beside the cases: inspectors, heat, zones, areas that agencies serve, campaigns.
/* global L */
import { toast } from "../people/house.js";

const HUES = ["#7a4fb0", "#0f7b8a", "#b3561a", "#3d7a2f", "#a33b6b", "#4a5fb5", "#7d6b12", "#1f7a5c"];
const FRESH_SECONDS = 5 * 60;

/** `cases` is the layer of cases, `address` gives a filter's URL. Returns {position} for news of one inspector. */
export function mapLayers({ map, settings, cases, page }) {
  const box = document.getElementById("layers");
  const words = box.dataset;
  const heat = new HeatLayer(cases);
  const shown = { heat, history: new HistoryLayer(settings.history) };
  const people = new Map(); // inspector → row
  const marks = new Map();
  const inspectors = L.layerGroup();
  shown.inspectors = inspectors;

  async function read(name) {
    const answer = await fetch(settings.layer.replace("NAME", name));
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return (await answer.json()).rows;
  }

  async function toggle(name, on) {
    try {
      if (on && name === "inspectors") await readPeople();
      if (on && !shown[name]) shown[name] = name === "campaigns" ? campaigns(await read(name)) : shapes(await read(name), page);
    } catch {
      toast(words.failed);
      box.querySelector(`[data-layer="${name}"]`).checked = false;
      return;
    }
    if (on) shown[name].addTo(map);
    else shown[name]?.remove();
    if (name === "heat") cases.fade(on);
  }

  box.addEventListener("change", ({ target }) => {
    if (target.dataset.layer) {
      toggle(target.dataset.layer, target.checked);
      localStorage.setItem(`gridmap-layer-${target.dataset.layer}`, target.checked ? "on" : "off");
    }
    if (target.dataset.base) hideBase();
  });
  function hideBase() {
    const off = [...box.querySelectorAll("[data-base]:not(:checked)")].flatMap((tick) => tick.dataset.base.split(" "));
    map.baseLayer?.hide(off.includes("areas") ? [...off, "area_names"] : off);
  }

  // --- inspectors

  async function readPeople() {
    const now = Date.now();
    people.clear();
    inspectors.clearLayers();
    marks.clear();
    for (const row of await read("inspectors")) {
      people.set(row.id, { ...row, seen: row.age === undefined ? null : now - row.age * 1000 });
      mark(row.id);
    }
    box.querySelector('[data-count="inspectors"]').textContent = String(people.size);
  }

  function ageWords(row) {
    const minutes = Math.floor((Date.now() - row.seen) / 60_000);
    return minutes < 1 ? words.now : words.ago.replace("{n}", minutes);
  }

  function mark(id) {
    const row = people.get(id);
    if (row.seen === null) return;
    const stale = Date.now() - row.seen > FRESH_SECONDS * 1000;
    const html = Object.assign(document.createElement("span"), { textContent: row.name.slice(0, 1) });
    const icon = L.divIcon({ className: `inspector${stale ? " stale" : ""}${row.tasks ? " busy" : ""}`, html, iconSize: [22, 22] });
    let known = marks.get(id);
    if (!known) {
      known = { pin: L.marker([row.lat, row.lon], { icon, title: row.name, alt: row.name, zIndexOffset: 500 }), circle: L.circle([row.lat, row.lon], { radius: 1, weight: 1, opacity: 0.5, fillOpacity: 0.08, color: "#0f7b8a", interactive: false }) };
      marks.set(id, known);
      known.circle.addTo(inspectors);
      known.pin.addTo(inspectors).bindPopup(() => card(people.get(id)));
    }
    known.pin.setLatLng([row.lat, row.lon]).setIcon(icon);
    known.circle.setLatLng([row.lat, row.lon]).setRadius(row.accuracy);
  }

  function card(row) {
    const element = document.createElement("div");
    element.className = "inspector-card";
    const line = (text, tag = "p") => element.append(Object.assign(document.createElement(tag), { textContent: text }));
    line(row.name, "strong");
    line(words.inspectorWords.replace("{zone}", row.zone).replace("{tasks}", row.tasks));
    line(words.positionWords.replace("{age}", ageWords(row)).replace("{accuracy}", row.accuracy));
    const link = Object.assign(document.createElement("a"), { href: `${page}?inspector=${row.id}`, textContent: words.tasks });
    link.dataset.filter = "";
    element.append(link);
    return element;
  }

  setInterval(() => {
    if (map.hasLayer(inspectors)) for (const id of people.keys()) mark(id);
  }, 30_000);

  for (const tick of box.querySelectorAll("[data-layer]")) {
    const kept = localStorage.getItem(`gridmap-layer-${tick.dataset.layer}`);
    if (kept) tick.checked = kept === "on";
    if (tick.checked) toggle(tick.dataset.layer, true);
  }

  return {
    position({ inspector, lon, lat, accuracy, at }) {
      const row = people.get(inspector);
      if (!row) return map.hasLayer(inspectors) ? readPeople().catch(() => {}) : undefined;
      Object.assign(row, { lon, lat, accuracy, seen: Date.parse(at) });
      return mark(inspector);
    },
    again: () => map.hasLayer(inspectors) && readPeople().catch(() => {}),
  };
}

function shapes(rows, page) {
  return L.layerGroup(
    rows.filter((row) => row.shape).map((row, index) => {
      const color = HUES[index % HUES.length];
      const link = Object.assign(document.createElement("a"), { href: `${page}?within=${encodeURIComponent(row.within)}`, textContent: row.title });
      link.dataset.filter = "";
      return L.geoJSON(row.shape, { style: { color, weight: 2, fillColor: color, fillOpacity: 0.09 } }).bindTooltip(row.title, { sticky: true }).bindPopup(link);
    }),
  );
}

function campaigns(rows) {
  return L.layerGroup(
    rows.flatMap(({ title, cases }, index) =>
      cases.map(([number, lon, lat]) =>
        L.circleMarker([lat, lon], { radius: 11, weight: 2.5, color: HUES[index % HUES.length], fill: false }).bindTooltip(`${title} · ${number}`),
      ),
    ),
  );
}

/** What was closed in the last year, from tiles that the server counts: discs by number, dots when looked at closely. */
const HistoryLayer = L.GridLayer.extend({
  options: { minZoom: 6, maxZoom: 20, pane: "overlayPane", updateWhenZooming: false },

  initialize(address) {
    this.address = address.replace("0/0/0", "{z}/{x}/{y}");
    L.GridLayer.prototype.initialize.call(this, {});
  },

  createTile(coords, done) {
    const tile = L.DomUtil.create("canvas", "leaflet-tile history-tile");
    tile.width = tile.height = 256;
    fetch(L.Util.template(this.address, coords))
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
      .then(({ kind, rows }) => {
        const ctx = tile.getContext("2d");
        const corner = coords.scaleBy(L.point(256, 256));
        for (const [lon, lat, n] of rows) {
          const { x, y } = this._map.project([lat, lon], coords.z).subtract(corner);
          ctx.beginPath();
          ctx.arc(x, y, kind === "cases" ? 3 : Math.min(11, 2 + Math.sqrt(n)), 0, 2 * Math.PI);
          ctx.fillStyle = "rgba(122, 79, 176, 0.45)";
          ctx.fill();
        }
        done(null, tile);
      })
      .catch((error) => done(error, tile));
    return tile;
  },
});

/** Where cases lie densely: soft discs that add up, coloured by how much they add up to. */
const HeatLayer = L.Layer.extend({
  initialize(cases) {
    this.cases = cases;
  },
  onAdd(map) {
    this._canvas = L.DomUtil.create("canvas", "heat leaflet-zoom-hide");
    map.getPane("overlayPane").prepend(this._canvas);
    map.on("moveend viewreset", this._draw, this);
    this.cases.on("set", this._draw, this);
    this._draw();
  },
  onRemove(map) {
    map.off("moveend viewreset", this._draw, this);
    this.cases.off("set", this._draw, this);
    this._canvas.remove();
  },
  _draw() {
    const size = this._map.getSize();
    L.DomUtil.setPosition(this._canvas, this._map.containerPointToLayerPoint([0, 0]));
    Object.assign(this._canvas, { width: size.x, height: size.y });
    const ctx = this._canvas.getContext("2d", { willReadFrequently: true });
    const grid = this.cases.kind === "grid";
    const most = grid ? Math.max(1, ...this.cases.rows.map((row) => row[2])) : 1;
    const radius = 34;
    for (const row of this.cases.rows) {
      const [lon, lat] = grid ? row : [row[1], row[2]];
      const { x, y } = this._map.latLngToContainerPoint([lat, lon]);
      if (x < -radius || y < -radius || x > size.x + radius || y > size.y + radius) continue;
      const disc = ctx.createRadialGradient(x, y, 0, x, y, radius);
      const strength = grid ? 0.1 + 0.5 * (row[2] / most) : 0.16;
      disc.addColorStop(0, `rgba(0, 0, 0, ${strength})`);
      disc.addColorStop(1, "rgba(0, 0, 0, 0)");
      ctx.fillStyle = disc;
      ctx.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
    }
    paint(ctx, size);
  },
});

function paint(ctx, { x, y }) {
  const image = ctx.getImageData(0, 0, x, y);
  const { data } = image;
  for (let i = 3; i < data.length; i += 4) {
    const heat = data[i] / 255;
    if (!heat) continue;
    data[i - 3] = heat < 0.5 ? 255 * Math.min(1, heat * 2 + 0.1) : 215 + 40 * (1 - heat);
    data[i - 2] = heat < 0.5 ? 190 - 80 * heat : 150 * (1.2 - heat);
    data[i - 1] = heat < 0.5 ? 70 * (1 - heat) : 40 * (1 - heat);
    data[i] = Math.min(190, 70 + data[i] * 0.8);
  }
  ctx.putImageData(image, 0, 0);
}
