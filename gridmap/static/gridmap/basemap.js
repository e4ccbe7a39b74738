// How the city's own vector tiles are drawn: calm ground, white streets, Chinese names. Data: gridmap/tiles.py.
/* global protomapsL */

const FONT = '"Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", sans-serif';
const HALO = "#f8f7f3";

/** Width in pixels between zooms: doubles with each zoom like the ground itself, within limits. */
function width(atSixteen, least) {
  return (z) => Math.max(least, atSixteen * 2 ** (z - 16));
}

function fill(color, stroke, strokeWidth = 0) {
  return new protomapsL.PolygonSymbolizer({ fill: color, stroke, width: strokeWidth });
}

function line(color, lineWidth, more = {}) {
  return new protomapsL.LineSymbolizer({ color, width: lineWidth, lineCap: "round", lineJoin: "round", ...more });
}

/** Outlines of polygons without a filling. */
function outline(color, lineWidth, dash) {
  return line(color, lineWidth, dash ? { dash, lineCap: "butt" } : {});
}

function isLevel(...levels) {
  return (zoom, feature) => levels.includes(feature.props.level);
}

function isKind(...kinds) {
  return (zoom, feature) => kinds.includes(feature.props.kind);
}

function isLine(zoom, feature) {
  return feature.geomType === 2;
}

function paintRules() {
  return [
    { dataLayer: "green", symbolizer: fill("#dfead6") },
    { dataLayer: "water", filter: (z, f) => f.geomType === 3, symbolizer: fill("#c9dfec", "#b4d0e1", 0.8) },
    { dataLayer: "water", filter: isLine, symbolizer: line("#c9dfec", width(9, 1.5)) },
    { dataLayer: "compounds", symbolizer: fill("#eeece5", "#e0ddd3", 0.8) },
    { dataLayer: "buildings", filter: (z, f) => f.geomType === 3, symbolizer: fill("#e3e0d7", "#d3cfc3", 0.6) },
    { dataLayer: "lanes", filter: isLine, minzoom: 15, symbolizer: line("#dcd9d0", (z) => width(4, 1.5)(z) + 1.4) },
    { dataLayer: "roads", filter: isLine, minzoom: 13, symbolizer: line("#d2cec3", (z) => width(9, 1.6)(z) + 1.6) },
    { dataLayer: "lanes", filter: isLine, minzoom: 15, symbolizer: line("#ffffff", width(4, 1.5)) },
    { dataLayer: "roads", filter: isLine, symbolizer: line("#ffffff", width(9, 1.6)) },
    { dataLayer: "components", minzoom: 18, filter: isLine, symbolizer: line("rgba(90, 110, 130, 0.45)", 1.2) },
    { dataLayer: "cells", minzoom: 16, symbolizer: outline("rgba(21, 89, 166, 0.22)", 0.8) },
    { dataLayer: "areas", filter: isLevel("community"), minzoom: 13, symbolizer: outline("#9aa7b8", 1, [5, 4]) },
    { dataLayer: "areas", filter: isLevel("subdistrict"), symbolizer: outline("#8592a6", 1.3, [8, 4]) },
    { dataLayer: "areas", filter: isLevel("district", "city"), symbolizer: outline("#74829a", 1.6) },
  ];
}

/**
 * A street's name along the street where that is nearly level, and as upright characters below each other where it is
 * steep, as on Chinese maps. (The library's own symbolizer turns the characters.)
 */
class StreetName {
  constructor(size, color) {
    this.size = size;
    this.color = color;
  }

  place(layout, geom, feature) {
    const name = feature.props.name;
    if (!name) return undefined;
    const font = `${this.size}px ${FONT}`;
    layout.scratch.font = font;
    const labels = [];
    for (const part of geom) {
      const path = measured(part);
      const long = layout.scratch.measureText(name).width;
      for (let at = long / 2 + 12; at < path.total - long / 2 - 12; at += 340) {
        const label = this.label(path, at, name, long, font);
        if (label) labels.push(label);
      }
    }
    return labels.length ? labels : undefined;
  }

  label(path, at, name, long, font) {
    const [a, b] = [along(path, at - long / 2), along(path, at + long / 2)];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    if (Math.hypot(dx, dy) < long * 0.94) return undefined; // too bent for a straight name
    const middle = along(path, at);
    const steep = Math.abs(dy) > Math.abs(dx) * 1.2;
    const half = steep ? { x: this.size / 2, y: (name.length * this.size * 1.1) / 2 } : { x: Math.abs(dx) / 2, y: Math.abs(dy) / 2 + this.size / 2 };
    const angle = steep ? 0 : Math.atan2(dx < 0 ? -dy : dy, Math.abs(dx));
    const slant = steep ? dx / dy : 0;
    return {
      anchor: middle,
      bboxes: [{ minX: middle.x - half.x - 2, minY: middle.y - half.y - 2, maxX: middle.x + half.x + 2, maxY: middle.y + half.y + 2 }],
      deduplicationKey: name,
      deduplicationDistance: 300,
      draw: (ctx) => {
        ctx.globalAlpha = 1;
        ctx.font = font;
        ctx.textAlign = "center";
        ctx.textBaseline = "middle";
        ctx.lineWidth = 3;
        ctx.lineJoin = "round";
        ctx.strokeStyle = "#ffffff";
        ctx.fillStyle = this.color;
        if (!steep) ctx.rotate(angle);
        const pieces = steep ? [...name] : [name];
        for (const pen of ["strokeText", "fillText"]) {
          pieces.forEach((piece, i) => {
            const y = (i - (pieces.length - 1) / 2) * this.size * 1.1;
            ctx[pen](piece, y * slant, y);
          });
        }
      },
    };
  }
}

function measured(points) {
  const distances = [0];
  for (let i = 1; i < points.length; i++) {
    distances.push(distances[i - 1] + Math.hypot(points[i].x - points[i - 1].x, points[i].y - points[i - 1].y));
  }
  return { points, distances, total: distances.at(-1) ?? 0 };
}

function along(path, distance) {
  let i = 1;
  while (i < path.points.length - 1 && path.distances[i] < distance) i++;
  const [a, b] = [path.points[i - 1], path.points[i]];
  const share = (distance - path.distances[i - 1]) / (path.distances[i] - path.distances[i - 1] || 1);
  const point = a.clone();
  point.x += (b.x - a.x) * share;
  point.y += (b.y - a.y) * share;
  return point;
}

/** A name in the middle of its point; `text` may shorten it. */
class Name {
  constructor({ size, color, weight = 400, halo = HALO, dot = null, text = (props) => props.name }) {
    Object.assign(this, { font: `${weight} ${size}px ${FONT}`, size, color, halo, dot, text });
  }

  place(layout, geom, feature) {
    const words = this.text(feature.props);
    if (!words) return undefined;
    layout.scratch.font = this.font;
    const half = layout.scratch.measureText(words).width / 2;
    const anchor = geom[0][0].clone();
    const drop = this.dot ? this.size * 0.95 : 0;
    return [
      {
        anchor,
        bboxes: [{ minX: anchor.x - half - 3, minY: anchor.y - this.size / 2 - 2, maxX: anchor.x + half + 3, maxY: anchor.y + drop + this.size / 2 + 2 }],
        deduplicationKey: words,
        deduplicationDistance: 160,
        draw: (ctx) => {
          ctx.globalAlpha = 1;
          if (this.dot) {
            ctx.fillStyle = this.dot;
            ctx.beginPath();
            ctx.arc(0, 0, 2.2, 0, 2 * Math.PI);
            ctx.fill();
          }
          ctx.font = this.font;
          ctx.textAlign = "center";
          ctx.textBaseline = "middle";
          ctx.lineWidth = 3;
          ctx.lineJoin = "round";
          ctx.strokeStyle = this.halo;
          ctx.strokeText(words, 0, drop);
          ctx.fillStyle = this.color;
          ctx.fillText(words, 0, drop);
        },
      },
    ];
  }
}

const STATES = { intact: "#7b8794", damaged: "#c77700", missing: "#b3231a", moved: "#7a4fb0", abandoned: "#b9bec5" };

/** A component: a dot in the colour of its state, `named` with its name below. A label, so no tile's edge cuts it. */
class Dot {
  constructor(named = false) {
    this.named = named;
    this.name = new Name({ size: 10, color: "#5a6672", dot: STATES.intact });
  }

  place(layout, geom, feature) {
    const color = STATES[feature.props.state] ?? STATES.intact;
    if (this.named && feature.props.name) {
      this.name.dot = color;
      const [label] = this.name.place(layout, geom, feature) ?? [];
      const { draw } = label;
      return [
        {
          ...label,
          draw: (ctx) => {
            this.name.dot = color; // labels are drawn later, all by the same painter
            draw(ctx);
          },
          deduplicationKey: undefined, // neighbours of the same name are different things
        },
      ];
    }
    const anchor = geom[0]?.[0]?.clone();
    if (!anchor) return undefined;
    return [
      {
        anchor,
        bboxes: [{ minX: anchor.x - 2, minY: anchor.y - 2, maxX: anchor.x + 2, maxY: anchor.y + 2 }],
        draw: (ctx) => {
          ctx.globalAlpha = 1;
          ctx.beginPath();
          ctx.arc(0, 0, 3, 0, 2 * Math.PI);
          ctx.fillStyle = color;
          ctx.fill();
          ctx.lineWidth = 1;
          ctx.strokeStyle = "#ffffff";
          ctx.stroke();
        },
      },
    ];
  }
}

function isPoint(zoom, feature) {
  return feature.geomType === 1;
}

function labelRules() {
  const area = (size, color) => new Name({ size, color, weight: 600 });
  return [
    { dataLayer: "area_names", filter: isLevel("district", "city"), maxzoom: 12, symbolizer: area(15, "#46536a") },
    { dataLayer: "area_names", filter: isLevel("subdistrict"), minzoom: 12, maxzoom: 14, symbolizer: area(14, "#55627a") },
    { dataLayer: "roads", minzoom: 14, filter: isLine, symbolizer: new StreetName(12, "#5c5a52") },
    { dataLayer: "area_names", filter: isLevel("community"), minzoom: 14, maxzoom: 17, symbolizer: area(13, "#5d6b82") },
    { dataLayer: "place_names", filter: isKind("water"), minzoom: 14, symbolizer: new Name({ size: 12, color: "#3f6f8c", halo: "#dcebf3" }) },
    { dataLayer: "place_names", filter: isKind("green"), minzoom: 15, symbolizer: new Name({ size: 12, color: "#4c6b3f" }) },
    { dataLayer: "place_names", filter: isKind("compound", "district"), minzoom: 15, symbolizer: new Name({ size: 12, color: "#5f5848" }) },
    { dataLayer: "lanes", minzoom: 16, filter: isLine, symbolizer: new StreetName(11, "#77736a") },
    { dataLayer: "place_names", filter: isKind("poi"), minzoom: 17, symbolizer: new Name({ size: 11, color: "#6a5d48", dot: "#a8926b" }) },
    {
      dataLayer: "place_names",
      filter: isKind("doorplate", "building"),
      minzoom: 18,
      symbolizer: new Name({ size: 10, color: "#8a867b", text: (props) => props.name.match(/\d[\d-]*(号|號|幢|栋|棟)?$/)?.[0] }),
    },
    { dataLayer: "components", minzoom: 18, maxzoom: 19, filter: isPoint, symbolizer: new Dot() },
    { dataLayer: "components", minzoom: 20, filter: isPoint, symbolizer: new Dot(true) },
  ];
}

/** The layer under everything else; `url` with {z}, {x}, {y} of the tiles' description. */
export function baseLayer(url, { cells = true } = {}) {
  const [paint, label] = [paintRules().filter(({ dataLayer }) => cells || dataLayer !== "cells"), labelRules()];
  const layer = protomapsL.leafletLayer({
    url,
    maxDataZoom: 18,
    paintRules: paint,
    labelRules: label,
    backgroundColor: "#f4f3ee",
    attribution: "",
  });
  /** Leave out some of the data layers; all others are drawn. */
  layer.hide = (names) => {
    layer.paintRules = paint.filter(({ dataLayer }) => !names.includes(dataLayer));
    layer.labelRules = label.filter(({ dataLayer }) => !names.includes(dataLayer));
    layer.clearLayout();
    layer.rerenderTiles();
  };
  return layer;
}
