import type { Command } from "commander";
import type { Session } from "./context.js";
import { addLazily, type LazyCommand } from "./lazy.js";

/** In the order of the help. */
export const IMAGE_COMMANDS: readonly LazyCommand[] = [
  {
    name: "list",
    summary: "lists the org's images, where they are, and with whom they are shared",
    add: async (...to) => (await import("./image-list.js")).addImageList(...to),
  },
];

/** `muster image ...` */
export async function addImage(parent: Command, session: Session): Promise<void> {
  const group = parent
    .command("image")
    .summary("lists images of nodes")
    .description("Lists images of nodes, where they are, and with whom they are shared.")
    .enablePositionalOptions();
  await addLazily(group, session, IMAGE_COMMANDS);
}
