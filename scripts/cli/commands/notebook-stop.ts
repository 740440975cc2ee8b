import type { Command } from "commander";
import { EXIT } from "../core/exit.js";
import { stopNotebook } from "../notebooks/stop.js";
import type { Session } from "./context.js";
import { notebookCommand, onNotebook, withCluster } from "./notebook-context.js";

/** `muster notebook stop` */
export function addNotebookStop(parent: Command, session: Session): void {
  const command = notebookCommand(parent, "stop", {
    summary: "takes a notebook its node until it is opened or started again; its home stays",
    more: "Kernels and terminals end with the node. While a kernel works it is refused, unless with --end-kernels.",
    example: "muster notebook stop explore",
  }).option("--end-kernels", "also while kernels work");
  onNotebook<{ readonly endKernels?: boolean }>(
    command,
    session,
    async (context, found, { endKernels = false }) => {
      const { access, out, world, flags } = context;
      const { notebook, isNew } = await stopNotebook(access.notebooks, found, {
        endsKernels: endKernels,
        now: world.now,
      });
      out.say(
        isNew
          ? `notebook ${notebook.name} is ${notebook.status}; \`muster notebook open ${notebook.name}${flags}\` starts it again`
          : `notebook ${notebook.name} has no node already`,
      );
      await out.document(await withCluster(notebook, context));
      return EXIT.done;
    },
  );
}
