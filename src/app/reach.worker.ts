/** A thread that searches from a part of a graph's nodes: one array of counts a batch, so that its answers stay few. */
import { parentPort, workerData } from "node:worker_threads";
import type { Graph } from "../graph/csr.ts";
import { rangeSearcher } from "../graph/reach.ts";
import type { Piece, PieceReach } from "./reach-threads.ts";
import type { ToThread } from "./threads.ts";

const graph = workerData as Graph;
const search = rangeSearcher(graph);
const dependencies = new Int32Array(graph.n);
parentPort?.on("message", (message: ToThread<Piece>) => {
  if (message.kind !== "batch") return;
  const batch = message.work;
  const dependents = new Int32Array(graph.n);
  const results = batch.map(({ from, to }, place): PieceReach => {
    search(from, to, dependents, dependencies);
    return { dependencies: dependencies.slice(from, to), dependents: place === batch.length - 1 ? dependents : null };
  });
  parentPort?.postMessage(results, []);
});
