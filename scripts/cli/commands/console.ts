import { type Command, InvalidArgumentError, Option } from "commander";
import { SignalledError, unusable } from "../core/exit.js";
import { CODE_SECONDS } from "../core/forwarding.js";
import { type OrgContext, onOrg, orgCommand, type Session } from "./context.js";

interface Options {
  readonly browser: boolean;
  readonly port?: number;
  readonly readOnly?: boolean;
}

/** `muster console` */
export function addConsole(program: Command, session: Session): void {
  const command = orgCommand(program, "console", {
    summary: "opens a page of the org on this machine, with your own credentials",
    more: [
      "It serves http://127.0.0.1:PORT/ until Ctrl-C: clusters, jobs with their logs, notebooks, images, usage and settings. Started in a",
      "project's folder, its forms change muster.yaml, show the difference, and run `cdktf deploy`. Only a browser with a code from this",
      "terminal gets in; the code is good for one minute, and once.",
    ].join("\n"),
    example: "muster console --org demo --region us-east-1 --read-only",
  })
    .addOption(
      new Option("--port <port>", "of 127.0.0.1; default: a free one").argParser((text) => {
        const port = Number(text);
        if (/^[1-9]\d{0,4}$/.test(text) && port <= 65_535) return port;
        throw new InvalidArgumentError("Give a whole number from 1 to 65535.");
      }),
    )
    .option("--read-only", "show everything, change nothing")
    .option("--no-browser", "print the address and a code, and open no browser");
  onOrg<Options>(command, session, (context, options) => serve(context, options, session.version));
}

async function serve(
  { access, out, world, place, signal, endWait }: OrgContext,
  { browser, port = 0, readOnly = false }: Options,
  version: string,
): Promise<number> {
  if (place.org === "")
    throw unusable([
      "the console is for your own machine: in a notebook's terminal there is no browser of yours. Run it there, or give --org and --region",
    ]);
  // --timeout bounds waits, and this is none.
  endWait();
  const leaving = new AbortController();
  const stopListening = world.onInterrupt((name) => leaving.abort(new SignalledError(name)));
  try {
    // Loaded late: no other command needs a server.
    const { codeLine, serveConsole } = await import("../console/serve.js");
    const { viewImages } = await import("../console/images.js");
    const { readPage } = await import("../console/page-files.js");
    const served = await serveConsole(
      {
        ...{ access, world, place, version, isReadOnly: readOnly, page: await readPage() },
        ...{ images: () => viewImages(access, world, place.org), say: out.say },
      },
      port,
    );
    const url = `http://127.0.0.1:${served.port}/`;
    try {
      out.say(
        `console of org ${place.org} in ${place.region} is open at ${url}${readOnly ? " (read-only)" : ""}`,
      );
      await out.document({ ...place, url, isReadOnly: readOnly });
      const remove = browser ? await world.browser.show(served.openingPage()) : null;
      if (remove === null) out.say(codeLine(served.newCode()));
      else out.say(`if the browser shows nothing, open ${url} there: it asks for a code, which comes here`);
      const left = AbortSignal.any([leaving.signal, signal]);
      if (remove !== null) {
        await world.sleep(CODE_SECONDS * 1_000, left);
        // The file is of no use when its code is over.
        await remove();
      }
      await aborted(left);
    } finally {
      out.say("the console closes; what it has asked for on clusters goes on");
      await served.close();
    }
    throw leaving.signal.reason ?? signal.reason;
  } finally {
    stopListening();
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
