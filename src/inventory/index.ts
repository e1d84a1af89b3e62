/** The inventory: from files to a project. */
export { type Found, type FoundFiles, findInventoryFiles } from "./find.ts";
export { type FormatLine, formatById, formatOf, formats } from "./formats.ts";
export { MAX_FILE_BYTES, diskContext, inputFile, noContext, readInputFile } from "./input.ts";
export { type ReadFile, mergeListings } from "./project.ts";
export { type ReadProjectOptions, readListing, readProject, withProblem } from "./read.ts";
