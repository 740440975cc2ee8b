import { WaitTimeoutError } from "../../agent/contract/wait.js";
import { createTurns } from "../system/turns.js";
import { waitFor } from "../system/wait.js";
import { cloudPlaces } from "./hosts/cloud.js";
import { leftoversOf, sweepCloud } from "./hosts/sweep.js";
import { isAlive } from "./process-identity.js";
import { readRunning } from "./state.js";

const GRACE_SECONDS = 5;

/** What `cloudDown` found, and what it could not remove: in words, empty if everything is gone. */
export interface CloudDown {
  readonly wasRunning: boolean;
  readonly leftovers: readonly string[];
}

/** A signal may come while a cloud is removed: two removals at once would take what they look at from one another, and fail half-way. */
const turns = createTurns();

/**
 * Ends the local cloud with all its nodes, and removes every process, mount, namespace, cgroup and file of it. Works
 * after its daemon, or the program that started it, was killed. May run twice, also at once.
 */
export const cloudDown = (name: string): Promise<CloudDown> => turns(name, () => remove(name));

async function remove(name: string): Promise<CloudDown> {
  const cloud = cloudPlaces(name);
  const state = readRunning(name);
  if (state !== null) {
    process.kill(state.pid, "SIGTERM");
    await waitFor({
      what: `the daemon of "${name}" to end`,
      timeoutSeconds: GRACE_SECONDS,
      everyMs: 50,
      look: () => isAlive(state),
      isDone: (alive) => !alive,
      describe: () => `process ${state.pid} running`,
    }).catch((error) => {
      // The sweep kills it.
      if (!(error instanceof WaitTimeoutError)) throw error;
    });
  }
  await sweepCloud(cloud);
  return { wasRunning: state !== null, leftovers: leftoversOf(cloud) };
}
