import { sentence } from "./text.ts";
import type { Screen } from "./tones.ts";

interface Branch {
  readonly name: string;
  readonly below: Map<string, Branch>;
}

/**
 * Ways that share their beginning, as one indented tree. Branches stand in the order in which their ways come, so the shortest way is
 * the first; the last step of each way is painted strong.
 */
export function formatTree(ways: readonly (readonly string[])[], screen: Screen): string[] {
  const root: Branch = { name: "", below: new Map() };
  for (const way of ways) {
    let branch = root;
    for (const step of way) {
      let next = branch.below.get(step);
      if (next === undefined) branch.below.set(step, (next = { name: step, below: new Map() }));
      branch = next;
    }
  }
  const marks = screen.unicode ? { more: "├─ ", last: "└─ ", past: "│  " } : { more: "|- ", last: "`- ", past: "|  " };
  const lines: string[] = [];
  // A stack instead of recursion: a way can be as long as a hostile lockfile makes it.
  const stack: { readonly branch: Branch; readonly head: string; readonly indent: string }[] = [];
  const pushBelow = (branch: Branch, indent: string, top: boolean): void => {
    const below = [...branch.below.values()];
    for (let index = below.length - 1; index >= 0; index--) {
      const child = below[index];
      if (child === undefined) continue;
      const last = index === below.length - 1;
      stack.push(
        top
          ? { branch: child, head: "", indent: "" }
          : { branch: child, head: indent + (last ? marks.last : marks.more), indent: indent + (last ? "   " : marks.past) },
      );
    }
  };
  pushBelow(root, "", true);
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { branch, head, indent } = item;
    const name = sentence(branch.name);
    lines.push(screen.paint("quiet", head) + (branch.below.size === 0 ? screen.paint("strong", name) : name));
    pushBelow(branch, indent, false);
  }
  return lines;
}
