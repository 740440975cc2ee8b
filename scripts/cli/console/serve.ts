import type { AddressInfo } from "node:net";
import { failure } from "../core/exit.js";
import { CODE_SECONDS } from "../core/forwarding.js";
import { createSessions } from "../forward/sessions.js";
import { createApp } from "./app.js";
import type { ConsoleDeps } from "./deps.js";
import { openingPage } from "./pages.js";

/** A console that is served. */
export interface Console {
  readonly port: number;
  /** A code for a person. It gives one browser a session, once, within CODE_SECONDS. */
  newCode(): string;
  /** A page that takes such a code to the console. It is a secret as long as the code is good. */
  openingPage(): string;
  /** Stops what it does, waits for that, and ends all connections. */
  close(): Promise<void>;
}

/** Serves the console on 127.0.0.1, for this machine's browsers alone. `port` 0: a free one. Throws a CommandError where it is taken. */
export async function serveConsole(deps: ConsoleDeps, port: number): Promise<Console> {
  // The cookie's name has the port, and so has the rule about Host: both are known once it listens.
  let listening: { port: number; sessions: ReturnType<typeof createSessions> } | null = null;
  const known = () => {
    if (listening === null) throw new Error("the console does not listen yet");
    return listening;
  };
  const showCode = (): void => {
    // One at a time, so that pages that are asked for again and again do not fill the terminal.
    if (!known().sessions.hasCode()) deps.say(codeLine(known().sessions.newCode("person")));
  };
  const { app, tasks } = createApp({
    ...deps,
    port: () => known().port,
    sessions: {
      newCode: (reader) => known().sessions.newCode(reader),
      hasCode: () => known().sessions.hasCode(),
      redeem: (typed) => known().sessions.redeem(typed),
      holds: (cookies) => known().sessions.holds(cookies),
    },
    showCode,
  });
  await app.listen({ host: "127.0.0.1", port, exclusive: true }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "EADDRINUSE" ? "another program listens there" : error.message;
    throw failure(`Port ${port} of 127.0.0.1 can't be used: ${why}. Give another one with --port, or none.`);
  });
  const { port: own } = app.server.address() as AddressInfo;
  const sessions = createSessions(own, deps.world.now, "console");
  listening = { port: own, sessions };
  return {
    port: own,
    newCode: () => sessions.newCode("person"),
    openingPage: () => openingPage(own, sessions.newCode("browser")),
    async close() {
      await tasks.close();
      await app.close();
    },
  };
}

/** What is said of a code in the terminal. */
export const codeLine = (code: string): string =>
  `code: ${code} (for one browser, within ${CODE_SECONDS} seconds; when its page is opened later, another one comes here)`;
