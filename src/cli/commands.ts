import type { Command } from "./command.ts";

/** All commands, in the order in which help shows them; each is loaded only when it is asked for. */
export const commands: readonly { readonly name: string; readonly load: () => Promise<Command> }[] = [];
