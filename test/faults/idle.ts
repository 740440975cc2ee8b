import { setTimeout as sleep } from "node:timers/promises";
import { aftermath, awaitReplacement } from "./aftermath.js";
import type { FaultCloud } from "./cloud.js";
import type { Fault, Row } from "./fault.js";
import { createInjector } from "./inject.js";
import { jobProcesses } from "./left.js";

/** How long a fault may take to be seen: a node that hangs is missed after six heartbeats. Of a cluster at rest later: then the row shows that it need not be. */
const SEEN_MS = 8_000;
/** The same of a fault that nothing heals: a node looks at its folders each 10 s. Without it the cluster would be whole because nothing is seen yet. */
const UNHEALED_MS = 12_000;
const LOOK_MS = 250;

/** Does the fault to a cluster without a job, heals it, and says how the cluster came to be whole again. Throws where it does not. */
export async function runIdle(fault: Fault, cloud: FaultCloud): Promise<Row> {
  const cluster = await cloud.whole();
  const into = createInjector(cloud, cluster);
  const struckAtMs = Date.now();
  let seen: string | null = null;
  const watching = new AbortController();
  const watch = watchReasons(cloud, watching.signal, (code) => {
    seen = code;
  });
  try {
    await fault.inject(into);
    await sleep(lastsMs(fault));
    await fault.heal?.act(into);
    await awaitReplacement(fault, into, cloud);
    await cloud.whole();
  } catch (error) {
    await fault.heal?.act(into).catch(() => undefined);
    throw error;
  } finally {
    watching.abort();
    await watch;
  }
  const { clusterStatus, nodes } = await cloud.look();
  const left = await jobProcesses(cloud, nodes);
  const seconds = (Date.now() - struckAtMs) / 1_000;
  const what = { status: clusterStatus, reasonCode: seen, reason: null, attempts: 0, seconds, left };
  return {
    ...{ fault: fault.name, state: "idle", ...what },
    differs: [...left.map((line) => `left behind: ${line}`), ...(await aftermath(fault, into, cloud))],
  };
}

/** How long the fault is left alone. The head is to see for itself what it has to replace. */
function lastsMs({ heal, replaces }: Fault): number {
  if (heal === undefined) return replaces === undefined ? UNHEALED_MS : 0;
  return typeof heal.after === "object" ? heal.after.seconds * 1_000 : SEEN_MS;
}

/** Tells each reason code that the cluster or a node has meanwhile. Looks that fail tell nothing. */
async function watchReasons(
  cloud: FaultCloud,
  signal: AbortSignal,
  tell: (code: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    const cluster = await cloud.look().catch(() => null);
    const code =
      cluster?.nodes.find(({ reasonCode }) => reasonCode !== null)?.reasonCode ?? cluster?.reasonCode;
    if (code) tell(code);
    await sleep(LOOK_MS);
  }
}
