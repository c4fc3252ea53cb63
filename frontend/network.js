// Draws what is linked to a thing; the lists of the page say the same.

import cytoscape from "cytoscape";

const LONGEST = 34;

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function short(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

// The library adds a style sheet unless it finds one by this name; the policy of the pages forbids that, and ours says the same.
const present = document.createElement("template");
present.id = "__________cytoscape_stylesheet";
document.head.append(present);

const { nodes, edges } = JSON.parse(document.getElementById("network").textContent);
const box = document.querySelector(".sg-network");
// The thing in the middle, the others around it on two rings in turn, so that their names have room.
const [middleX, middleY] = [box.clientWidth / 2, box.clientHeight / 2];
const places = new Map(nodes.map(({ id }, index) => {
  if (index === 0) return [id, { x: middleX, y: middleY }];
  const angle = (2 * Math.PI * index) / (nodes.length - 1);
  const ring = index % 2 ? 1 : 0.66;
  return [id, { x: middleX + ring * (middleX - 70) * Math.cos(angle), y: middleY + ring * (middleY - 45) * Math.sin(angle) }];
}));
const graph = cytoscape({
  container: box,
  elements: [
    ...nodes.map(({ id, label }, index) => ({ data: { id, label: short(label), main: index === 0 ? 1 : 0 } })),
    ...edges.map((each, index) => ({ data: { id: `edge-${index}`, ...each } })),
  ],
  style: [
    { selector: "node", style: { label: "data(label)", "font-size": 12, color: colour("--sg-ink"), "background-color": colour("--sg-action"), width: 14, height: 14, "text-wrap": "wrap", "text-max-width": 110, "text-valign": "bottom", "text-margin-y": 3, "text-background-color": colour("--sg-paper"), "text-background-opacity": 0.8 } },
    { selector: "node[main = 1]", style: { "background-color": colour("--sg-accent"), width: 26, height: 26, "font-weight": "bold", "font-size": 13 } },
    { selector: "edge", style: { width: 1.2, "line-color": colour("--sg-field"), "target-arrow-color": colour("--sg-field"), "target-arrow-shape": "triangle", "arrow-scale": 0.8, "curve-style": "bezier" } },
    { selector: "edge.near", style: { label: "data(label)", "font-size": 10, color: colour("--sg-muted"), "text-background-color": colour("--sg-paper"), "text-background-opacity": 0.9, width: 2.5 } },
  ],
  layout: { name: "preset", positions: (node) => places.get(node.id()), fit: false },
  userZoomingEnabled: false,
  boxSelectionEnabled: false,
});
graph.on("mouseover tap", "node", ({ target }) => {
  graph.edges().removeClass("near");
  target.connectedEdges().addClass("near");
});
