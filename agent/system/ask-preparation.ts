import { boundedText } from "../contract/bounded-text.js";
import { PREPARATION_PATH, type PreparationAnswer } from "../environments/node-route.js";
import type { AskPreparation } from "../environments/ports.js";
import { reasonOf } from "../errors.js";
import { HostUnreachableError } from "../jobs/job-hosts.js";
import type { PeerClient } from "./peer-client.js";

const MAX_ANSWER_BYTES = 131_072;

/** Asks the agents of nodes, this one's too, to get ready for a launch. To give up is to hang up, which ends the work there. */
export function createAskPreparation(peers: Pick<PeerClient, "stream">): AskPreparation {
  return async (address, body, timeoutMs, signal) => {
    const time = AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs)));
    const { status, text } = await answerOf(AbortSignal.any([signal, time])).catch((error: unknown) => {
      if (time.aborted) throw new Error(`not done after ${Math.round(timeoutMs / 1_000)} s`);
      const isRefused = (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
      throw new HostUnreachableError(reasonOf(error), isRefused);
    });
    if (status !== 200) throw new Error(`HTTP ${status}: ${text.slice(0, 300)}`);
    return (JSON.parse(text) as PreparationAnswer).failure;

    async function answerOf(either: AbortSignal): Promise<{ status: number | undefined; text: string }> {
      const reply = await peers.stream(address, PREPARATION_PATH, body, either);
      return { status: reply.statusCode, text: await boundedText(reply, MAX_ANSWER_BYTES) };
    }
  };
}
