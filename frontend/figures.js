// Draws what tables on the page say: corridors on a map, and on demand what is linked to a thing. Without this script the tables stand alone.

import { geoNaturalEarth1, geoPath } from "d3-geo";
import { feature } from "topojson-client";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 960;
const HEIGHT = 420;
const ANTARCTICA = "010";

function element(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

// The corridors that a table lists, each with the codes of its ends and its words.
function corridorsOf(table) {
  const rows = [...table.querySelectorAll("tr[data-from][data-to]")].filter((row) => row.dataset.from && row.dataset.to);
  return rows.map((row) => ({ from: row.dataset.from, to: row.dataset.to, words: row.innerText.replace(/\s+/g, " ").trim() }));
}

// The middle of a country's largest piece of land: overseas territories would draw the middle into the sea.
function middle(country, path) {
  const { type, coordinates } = country.geometry;
  const pieces = type === "Polygon" ? [coordinates] : coordinates;
  const areas = pieces.map((piece) => path.area({ type: "Polygon", coordinates: piece }));
  const largest = pieces[areas.indexOf(Math.max(...areas))];
  return path.centroid({ type: "Polygon", coordinates: largest });
}

function curve([x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  return `M${x1},${y1} Q${(x1 + x2) / 2 - dy / 5},${(y1 + y2) / 2 - Math.abs(dx) / 5} ${x2},${y2}`;
}

function draw(box, table, topology) {
  const everything = feature(topology, topology.objects.countries);
  const countries = everything.features.filter((each) => each.id !== ANTARCTICA);
  const byCode = new Map(countries.map((each) => [String(each.id).padStart(3, "0"), each]));
  const path = geoPath(geoNaturalEarth1().fitSize([WIDTH, HEIGHT], { ...everything, features: countries }));
  const corridors = corridorsOf(table).filter(({ from, to }) => byCode.has(from) && byCode.has(to) && from !== to);
  if (!corridors.length) return;
  const ends = { from: new Set(corridors.map((each) => each.from)), to: new Set(corridors.map((each) => each.to)) };
  const heading = document.getElementById(box.dataset.map.replace(/-rows$/, ""));
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": heading.innerText });
  for (const [code, country] of byCode) {
    const kind = ends.to.has(code) ? "sg-map__to" : ends.from.has(code) ? "sg-map__from" : "sg-map__land";
    const shape = element("path", { d: path(country) ?? "", class: kind }, svg);
    if (kind !== "sg-map__land") element("title", {}, shape).textContent = country.properties.name;
  }
  for (const { from, to, words } of corridors) {
    const line = element("path", { d: curve(middle(byCode.get(from), path), middle(byCode.get(to), path)), class: "sg-map__line" }, svg);
    element("title", {}, line).textContent = words;
  }
  for (const code of ends.to) {
    const [cx, cy] = middle(byCode.get(code), path);
    element("circle", { cx, cy, r: 5, class: "sg-map__end" }, svg);
  }
  box.append(svg);
  box.hidden = false;
}

async function drawMaps() {
  const boxes = [...document.querySelectorAll("[data-map]")];
  if (!boxes.length) return;
  const reply = await fetch(new URL("countries.json", scriptAddress));
  const topology = await reply.json();
  for (const box of boxes) draw(box, document.getElementById(box.dataset.map), topology);
}

// The library that draws networks is large: it is loaded when somebody asks for the drawing.
function drawNetworksOnDemand() {
  for (const details of document.querySelectorAll("details[data-network]")) {
    details.addEventListener("toggle", () => {
      const script = document.createElement("script");
      script.src = details.dataset.network;
      document.head.append(script);
    }, { once: true });
  }
}

// On paper nothing can be unfolded.
function unfoldForPrint() {
  window.addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("details.sg-more:not([data-network])")) each.open = true;
  });
}

const scriptAddress = document.currentScript?.src ?? location.href;
drawMaps();
drawNetworksOnDemand();
unfoldForPrint();
