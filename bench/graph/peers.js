// Reach of every node with graphology and ngraph.graph, from an edge list; prints figures as JSON. Runs where these are installed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [tool, folder, file, limit] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const seconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const begun = seconds();
const edges = readFileSync(file, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.split(" "));
const nodes = new Set(edges.flat());
let reachOf;
if (tool === "graphology") {
  const { DirectedGraph } = require("graphology");
  const { bfsFromNode } = require("graphology-traversal");
  const graph = new DirectedGraph();
  for (const node of nodes) graph.addNode(node);
  for (const [from, to] of edges) if (from !== to) graph.mergeEdge(from, to);
  reachOf = (node) => {
    let count = -1;
    bfsFromNode(graph, node, () => void count++, { mode: "inbound" });
    return count;
  };
} else {
  const graph = require("ngraph.graph")();
  for (const [from, to] of edges) if (from !== to) graph.addLink(to, from);
  reachOf = (node) => {
    const seen = new Set([node]);
    const queue = [node];
    for (let at = 0; at < queue.length; at++) {
      graph.forEachLinkedNode(
        queue[at],
        (other) => {
          if (!seen.has(other.id)) {
            seen.add(other.id);
            queue.push(other.id);
          }
        },
        true,
      );
    }
    return seen.size - 1;
  };
}
const loaded = seconds();
let total = 0;
let done = 0;
for (const node of nodes) {
  total += reachOf(node);
  done++;
  if (seconds() - loaded > Number(limit)) break;
}
console.log(
  JSON.stringify({
    loadSeconds: loaded - begun,
    reachSeconds: seconds() - loaded,
    nodes: nodes.size,
    nodesDone: done,
    reachSum: total,
    peakMebibytes: process.resourceUsage().maxRSS / 1024,
  }),
);
