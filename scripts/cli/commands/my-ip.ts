import type { Command } from "commander";
import { EXIT, EXIT_HELP } from "../core/exit.js";
import { ADDRESS_SERVICE, myRange } from "../core/my-address.js";
import { createOutput } from "../core/output.js";
import type { Session } from "./context.js";

const PATIENCE_MS = 15_000;

/** `muster my-ip` */
export function addMyIp(parent: Command, session: Session): void {
  const command = parent
    .command("my-ip")
    .summary("prints this machine's public address, as access.allowFrom takes it")
    .description("prints this machine's public address, as access.allowFrom takes it.")
    .option("--json", "print one JSON document on stdout, everything else on stderr")
    .option("--service <url>", "what says the address", ADDRESS_SERVICE)
    .addHelpText("after", `\nExample:\n  $ muster my-ip\n\n${EXIT_HELP}`)
    .showHelpAfterError("(see `muster my-ip --help`)");
  command.action(async () => {
    const { world } = session;
    const { json = false, service } = command.opts<{ json?: boolean; service: string }>();
    const out = createOutput(world, json);
    const range = await myRange(world, service, AbortSignal.timeout(PATIENCE_MS));
    await out.print([range]);
    await out.document({ range });
    session.exitCode = EXIT.done;
  });
}
