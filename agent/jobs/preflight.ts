import pMap from "p-map";
import type { Clock } from "../time/clock.js";
import type { HostProbe } from "./ports.js";

/** The preflight's limits: `tries` for each host, `timeoutMs` each, `pauseMs` between; `atOnce` hosts at a time. */
const BOUNDS = { tries: 3, timeoutMs: 3_000, pauseMs: 500, atOnce: 32 } as const;

/**
 * Checks that every host's agent answers; takes at most about 10 s for up to 32 hosts. Null: all answered. Else one sentence that
 * names each host that did not, and why.
 */
export async function preflightProblem(
  hosts: readonly string[],
  probe: HostProbe,
  clock: Pick<Clock, "sleep">,
): Promise<string | null> {
  const look = async (host: string): Promise<readonly string[]> => {
    const problem = await askPatiently(host, probe, clock);
    return problem === null ? [] : [`${host} (${problem})`];
  };
  const problems = (await pMap(hosts, look, { concurrency: BOUNDS.atOnce })).flat();
  if (problems.length === 0) return null;
  return `preflight: ${problems.length} of ${hosts.length} nodes did not answer: ${problems.sort().join(", ")}`;
}

async function askPatiently(
  host: string,
  probe: HostProbe,
  clock: Pick<Clock, "sleep">,
): Promise<string | null> {
  let problem: string | null = null;
  for (let attempt = 1; attempt <= BOUNDS.tries; attempt += 1) {
    problem = await probe.healthz(host, BOUNDS.timeoutMs);
    if (problem === null) return null;
    if (attempt < BOUNDS.tries) await clock.sleep(BOUNDS.pauseMs);
  }
  return problem;
}
