import { HOLD_PATH, type HoldAnswer, type HoldRequest } from "../notebook/cluster-hold.js";
import { HOMES_PATH, type HomeRequest } from "../notebook/homes.js";
import type { PeerClient } from "./peer-client.js";

/** A mount takes up to a minute. */
const HOME_TIMEOUT_MS = 70_000;
const HOLD_TIMEOUT_MS = 5_000;
const MAX_SHOWN = 300;

/** What a notebook's agent asks the agents of its cluster. Each rejects where the answer is no. */
export function createNotebookAsks(peers: Pick<PeerClient, "post">) {
  async function post(address: string, path: string, body: object, timeoutMs: number): Promise<string> {
    const reply = await peers.post(address, path, JSON.stringify(body), timeoutMs);
    if (reply.status !== 200) throw new Error(`HTTP ${reply.status}: ${reply.body.slice(0, MAX_SHOWN)}`);
    return reply.body;
  }
  return {
    /** Has the home mounted on the node at that address. */
    async home(address: string, home: HomeRequest): Promise<void> {
      await post(address, HOMES_PATH, home, HOME_TIMEOUT_MS);
    },
    /** Asks the head at that address for the cluster. */
    async hold(address: string, request: HoldRequest): Promise<HoldAnswer> {
      return JSON.parse(await post(address, HOLD_PATH, request, HOLD_TIMEOUT_MS)) as HoldAnswer;
    },
  };
}
