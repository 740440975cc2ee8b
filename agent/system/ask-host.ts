import { AGENT_PORT } from "../contract/names.js";
import { reasonOf } from "../errors.js";
import { JOB_HOST_PATH } from "../jobs/host-route.js";
import { type AskHost, type HostAnswer, HostUnreachableError } from "../jobs/job-hosts.js";
import { requestText } from "./http-text.js";

const TIMEOUT_MS = 3_000;

/** Asks the agents of other nodes about their jobs' processes. An answer that is none counts as silence. */
export function createAskHost(peerToken: string, port: number = AGENT_PORT): AskHost {
  return async (address, question) => {
    const url = new URL(`http://${address}:${port}${JOB_HOST_PATH}`);
    const headers = { authorization: `Bearer ${peerToken}`, "content-type": "application/json" };
    try {
      const body = JSON.stringify(question);
      const reply = await requestText(url, { method: "POST", headers, body, timeoutMs: TIMEOUT_MS });
      if (reply.status !== 200) throw new Error(`HTTP ${reply.status}`);
      return JSON.parse(reply.body) as HostAnswer;
    } catch (error) {
      const isRefused = (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
      throw new HostUnreachableError(`${address}: ${reasonOf(error)}`, isRefused);
    }
  };
}
