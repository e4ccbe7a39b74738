// The base map that every page with a map starts from: the city's own vector tiles, drawn under Leaflet.
//
// A page includes gridmap/_map_assets.html in its head, writes
//   <div class="map" id="map" data-lat="32.45" data-lon="119.92" data-zoom="15" data-tiles="/tiles/{z}/{x}/{y}.mvt"></div>
// and opens it:  import { openMap } from "../gridmap/basemap.js";  const map = openMap(document.getElementById("map"));
// Points are WGS84 [latitude, longitude], as Leaflet takes them.

const L = window.L;
const protomaps = window.protomapsL;

const FONT = '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", sans-serif';
const HALO = "#ffffff";

/** A number that grows evenly from zoom to zoom: [[12, 1], [18, 10]]. */
function grow(...stops) {
  return (zoom) => {
    const after = stops.findIndex(([at]) => at > zoom);
    if (after === 0) return stops[0][1];
    if (after < 0) return stops[stops.length - 1][1];
    const [fromZoom, from] = stops[after - 1];
    const [toZoom, to] = stops[after];
    return from + ((zoom - fromZoom) / (toZoom - fromZoom)) * (to - from);
  };
}

function area(dataLayer, fill, extra = {}) {
  return { dataLayer, symbolizer: new protomaps.PolygonSymbolizer({ fill, ...extra }) };
}

function line(dataLayer, color, width, extra = {}) {
  const { minzoom, filter, ...look } = extra;
  const symbolizer = new protomaps.LineSymbolizer({ color, width, lineCap: "round", lineJoin: "round", ...look });
  return { dataLayer, minzoom, filter, symbolizer };
}

function paintRules() {
  return [
    area("green", "#d9ead0"),
    area("water", "#bcd9ea"),
    area("compounds", "#ece8dd"),
    area("buildings", "#ded9cf", { stroke: "#cdc6b8", width: 0.6 }),
    line("cells", "#9aa8b8", 0.5, { minzoom: 16, dash: [3, 3], dashColor: "#9aa8b8", dashWidth: 0.6 }),
    line("lanes", "#d5cfc2", grow([14, 1.5], [18, 7])),
    line("lanes", "#ffffff", grow([14, 0.8], [18, 5.4])),
    line("roads", "#c9bfa9", grow([10, 1], [14, 5], [18, 17])),
    line("roads", "#ffffff", grow([10, 0.5], [14, 3.6], [18, 14.5])),
    line("areas", "#8b7fa6", 1.2, { dash: [6, 3], dashColor: "#8b7fa6", dashWidth: 1.2 }),
  ];
}

function words(dataLayer, fill, size, extra = {}) {
  const { minzoom, filter, weight = 500 } = extra;
  const symbolizer = new protomaps.CenteredTextSymbolizer({
    labelProps: ["name"], fill, stroke: HALO, width: 2.5, font: (zoom) => `${weight} ${size}px ${FONT}`,
  });
  return { dataLayer, minzoom, filter, symbolizer };
}

function labelRules() {
  return [
    words("area_names", "#5d5378", 13, { weight: 600 }),
    words("place_names", "#3d4a58", 12),
  ];
}

/**
 * A Leaflet map in `element`, with the base map, showing data-lat, data-lon, data-zoom.
 * `options` are Leaflet's.
 */
export function openMap(element, options = {}) {
  const { lat, lon, zoom, tiles } = element.dataset;
  const map = L.map(element, {
    attributionControl: false, zoomControl: !coarsePointer(), minZoom: 6, maxZoom: 20, ...options,
  }).setView([Number(lat), Number(lon)], Number(zoom));
  protomaps
    .leafletLayer({
      url: tiles, maxDataZoom: 18, attribution: "", backgroundColor: "#f4f2ec", lang: "zh", noWrap: true,
      paintRules: paintRules(), labelRules: labelRules(),
    })
    .addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  return map;
}

/** Whether the screen is touched rather than pointed at. */
export function coarsePointer() {
  return window.matchMedia("(pointer: coarse)").matches;
}
