import { type Command, InvalidArgumentError, Option } from "commander";
import { NOTEBOOK_WAYS, type NotebookWay } from "../core/tunnel.js";
import { awaitNotebook } from "../notebooks/await-ready.js";
import { openNotebook } from "../notebooks/open.js";
import { startNotebook } from "../notebooks/start.js";
import type { Session } from "./context.js";
import { notebookCommand, onNotebook } from "./notebook-context.js";
import { waitFor } from "./waiting.js";

interface Options {
  readonly browser: boolean;
  readonly port?: number;
  readonly via?: NotebookWay;
}

/** `muster notebook open` */
export function addNotebookOpen(parent: Command, session: Session): void {
  const command = notebookCommand(parent, "open", {
    summary: "opens a notebook in the browser, at an address of this machine; starts it if it is parked",
    more: [
      "It serves the notebook at http://127.0.0.1:PORT/ until Ctrl-C. The notebook's node has to prove that it is of the cluster, and gets the",
      "operator's token from here: no token is in an address, in the browser's history, or in a log. --timeout bounds the wait until it is ready.",
    ].join("\n"),
    example: "muster notebook open explore",
  })
    .addOption(
      new Option("--port <port>", "of 127.0.0.1; default: a free one").argParser((text) => {
        const port = Number(text);
        if (/^[1-9]\d{0,4}$/.test(text) && port <= 65_535) return port;
        throw new InvalidArgumentError("Give a whole number from 1 to 65535.");
      }),
    )
    .addOption(
      new Option(
        "--via <way>",
        "how to reach its node: its private address (from inside the network), or Session Manager; default: private where it answers, else ssm",
      ).choices(NOTEBOOK_WAYS),
    )
    .option("--no-browser", "print the address and a code, and open no browser");
  onNotebook<Options>(command, session, async (context, found, { browser, port = 0, via }) => {
    const { access, out, world, place, flags } = context;
    const { name } = found;
    const { is } = await startNotebook(access.notebooks, found, world.now);
    if (is !== "awake") out.say(`notebook ${name} gets a node`);
    const goesOn = `the notebook starts all the same; run the same again to open it, or stop it with \`muster notebook stop ${name}${flags}\``;
    const notebook = await waitFor(context, goesOn, (own) => awaitNotebook(name, own));
    context.endWait();
    return openNotebook(notebook, {
      ...{ access, world, out, via, port, region: place.region, opensBrowser: browser },
      goesOn: `notebook ${name} runs on, with its kernels, until it is idle; stop it with \`muster notebook stop ${name}${flags}\``,
    });
  });
}
