export { type Paths, directsThrough, labelOf, pathsTo } from "./paths.ts";
export { type ProjectGraph, projectGraph } from "./project-graph.ts";
