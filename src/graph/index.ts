export { type Paths, directsThrough, labelOf, pathsIn, pathsTo } from "./paths.ts";
export { type ProjectGraph, projectGraph } from "./project-graph.ts";
