import { failure } from "../core/exit.js";
import type { Programs } from "../core/programs.js";
import { planTunnel, portInLine } from "../core/tunnel.js";
import type { World } from "../core/world.js";

/** A way through Session Manager to a notebook's agent. */
export interface Tunnel {
  /** Of 127.0.0.1. */
  readonly port: number;
  /** Aborts when it has ended: nothing comes through any more. */
  readonly ended: AbortSignal;
  /** Ends it, and waits until its programs have gone. May run twice. */
  close(): Promise<void>;
}

const OPENS_WITHIN_MS = 30_000;
const GRACE_MS = 5_000;
const KEPT_LINES = 5;

export interface TunnelDeps {
  readonly programs: Pick<Programs, "follow">;
  readonly sleep: World["sleep"];
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Starts the session, and resolves when its port is open. Throws a CommandError with what the AWS CLI said. */
export async function openTunnel(
  instanceId: string,
  region: string,
  { programs, sleep, signal }: TunnelDeps,
): Promise<Tunnel> {
  const [stopping, ending] = [new AbortController(), new AbortController()];
  const said: string[] = [];
  let opened: (port: number) => void = () => undefined;
  const port = new Promise<number>((resolve) => {
    opened = resolve;
  });
  const run = programs
    .follow(planTunnel(instanceId, region), {
      env: {},
      onLine: (line) => {
        const found = portInLine(line);
        if (found !== null) opened(found);
        if (line.trim() === "") return;
        if (said.length === KEPT_LINES) said.shift();
        said.push(line.trim());
      },
      ...{ stop: AbortSignal.any([signal, stopping.signal]), graceMs: GRACE_MS },
    })
    .catch((error: Error) => void said.push(error.message))
    .then(() => ending.abort());
  const close = async (): Promise<void> => {
    stopping.abort();
    await run;
  };
  const late = new AbortController();
  const first = await Promise.race([
    port,
    run.then(() => null),
    sleep(OPENS_WITHIN_MS, late.signal).then(() => null),
  ]);
  late.abort();
  if (first !== null) return { port: first, ended: ending.signal, close };
  await close();
  throw failure(
    [
      `Session Manager gives no way to node ${instanceId}: ${said.join(" ") || `its port was not open after ${OPENS_WITHIN_MS / 1000} s`}`,
      "It takes ssm:StartSession on the instance and on the document AWS-StartPortForwardingSession, and the node's own agent of Session Manager, which connects within a minute of its boot.",
    ].join("\n"),
  );
}
