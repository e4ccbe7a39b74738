// The defects of the last check: a list with filters, and each one on the map.
/* global L */
const SHOWN = 200;
const FAIL = { color: "#b3231a", weight: 2.5, fillColor: "#d0382d", fillOpacity: 0.35 };
const WARN = { color: "#855200", weight: 2, fillColor: "#e5a50a", fillOpacity: 0.3 };
const LIT = { weight: 6 };

/** Show the defects on a map. `words` are the page's data-… words; `onShow(defect)` is told which one was chosen. */
export async function showDefects(map, url, words, onShow) {
  const list = document.getElementById("defect-list");
  const [kind, inView] = [document.getElementById("kind"), document.getElementById("in-view")];
  map.createPane("defects").style.zIndex = 450;
  const renderer = L.svg({ pane: "defects", padding: 0.3 });
  const shown = L.layerGroup().addTo(map);
  const answer = await fetch(url);
  if (!answer.ok) return;
  const { defects, kinds, meanings } = await answer.json();
  const all = defects.map((defect) => ({ ...defect, layer: layerOf(defect, renderer) }));
  document.getElementById("defect-filter").hidden = all.length === 0;
  for (const [value, name] of Object.entries(kinds)) {
    kind.append(new Option(`${name}（${all.filter((defect) => defect.kind === value).length}）`, value));
  }
  let chosen = null;

  function wanted() {
    const bounds = map.getBounds();
    return all.filter(
      (defect) =>
        (!kind.value || defect.kind === kind.value) &&
        (!inView.checked || (defect.layer && bounds.intersects(boundsOf(defect.layer)))),
    );
  }

  function choose(defect, row) {
    chosen?.layer?.setStyle?.(chosen.severity === "fail" ? FAIL : WARN);
    chosen = defect;
    list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    row?.setAttribute("aria-current", "true");
    if (!defect.layer) return;
    defect.layer.setStyle?.(LIT);
    onShow(defect);
    map.fitBounds(boundsOf(defect.layer).pad(0.6), { maxZoom: 18 });
  }

  function draw() {
    const found = wanted();
    const more = document.getElementById("defect-more");
    document.getElementById("kind-meaning").textContent = kind.value ? meanings[kind.value] : "";
    shown.clearLayers();
    for (const { layer } of found) layer?.addTo(shown);
    list.replaceChildren(...found.slice(0, SHOWN).map((defect) => rowOf(defect, kinds, words, choose, chosen)));
    more.hidden = found.length <= SHOWN;
    more.textContent = words.more.replace("{limit}", SHOWN).replace("{n}", found.length);
  }

  kind.addEventListener("change", draw);
  inView.addEventListener("change", draw);
  map.on("moveend", () => inView.checked && draw());
  draw();
}

function layerOf({ where, severity }, renderer) {
  if (!where) return null;
  const style = { ...(severity === "fail" ? FAIL : WARN), renderer, pane: "defects", interactive: false };
  return L.geoJSON(where, { ...style, pointToLayer: (_, at) => L.circleMarker(at, { ...style, radius: 7 }) });
}

function boundsOf(layer) {
  const bounds = layer.getBounds();
  return bounds.getNorthEast().equals(bounds.getSouthWest()) ? bounds.getCenter().toBounds(120) : bounds;
}

function rowOf(defect, kinds, words, choose, chosen) {
  const [item, row] = [document.createElement("li"), document.createElement("button")];
  const [chip, code, size] = [document.createElement("span"), document.createElement("span"), document.createElement("span")];
  row.type = "button";
  row.className = "defect";
  row.dataset.kind = defect.kind;
  if (defect === chosen) row.setAttribute("aria-current", "true");
  chip.className = `chip ${defect.severity === "fail" ? "red" : "yellow"}`;
  chip.textContent = kinds[defect.kind];
  chip.title = defect.severity === "fail" ? words.fail : words.warn;
  code.className = "code";
  // the community of a cell says nothing that its code does not
  const other = defect.other && !defect.code.startsWith(defect.other) ? defect.other : "";
  code.textContent = [defect.code, other].filter(Boolean).join(" / ");
  size.className = "muted num";
  size.textContent = defect.m2 ? words.area.replace("{n}", defect.m2.toLocaleString()) : "";
  row.append(chip, code, size);
  row.addEventListener("click", () => choose(defect, row));
  item.append(row);
  return item;
}
