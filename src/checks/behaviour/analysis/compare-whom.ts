/** Whom what is seen reaches. By itself, because what weighs a change asks for it, and a check must not load the analysis of code for that. */
import type { SelfRun, Sighting } from "../../../model/index.ts";

/**
 * Whether it runs only where the package is made: npm's `prepare` and what surrounds publishing, workflows, hooks of git. Whoever installs a release from the
 * registry meets none of them; whoever takes the package from its repository meets `prepare`.
 */
export const runsAtHome = ({ trigger, when }: Pick<SelfRun, "trigger" | "when">): boolean =>
  (trigger === "npm-script" && when !== "install") || trigger === "workflow" || trigger === "git-hook";

/** A call, and not only the module for it: what is called for is known. */
export const connectsAtLoad = ({ capability, subject, when }: Sighting): boolean =>
  (capability === "network" || capability === "dns") && subject !== "" && when === "load";
