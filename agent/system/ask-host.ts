import { reasonOf } from "../errors.js";
import { JOB_HOST_PATH } from "../jobs/host-route.js";
import { type AskHost, type HostAnswer, HostUnreachableError } from "../jobs/job-hosts.js";
import type { PeerClient } from "./peer-client.js";

/** Shorter than the silence after which a node counts as lost: it is asked more than once. */
const TIMEOUT_MS = 2_000;

/** Asks the agents of other nodes about their jobs' processes. An invalid answer counts as silence. */
export function createAskHost(peers: Pick<PeerClient, "post">): AskHost {
  return async (address, question) => {
    try {
      const reply = await peers.post(address, JOB_HOST_PATH, JSON.stringify(question), TIMEOUT_MS);
      if (reply.status !== 200) throw new Error(`HTTP ${reply.status}`);
      return JSON.parse(reply.body) as HostAnswer;
    } catch (error) {
      const isRefused = (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
      throw new HostUnreachableError(`${address}: ${reasonOf(error)}`, isRefused);
    }
  };
}
