import type { Logger } from "pino";
import type { NodeSummary } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import type { LastWords } from "./replacements.js";

/** The path of a head's request that a node keeps its journal; role peer. */
export const LAST_WORDS_PATH = "/v1/last-words";

export interface LastWordsDeps {
  /** The node itself stores its journal; gives where. Bounded. Rejects where it does not answer, or can't. */
  askNode(address: string): Promise<string>;
  /** What the instance has written to its console, as far as EC2 has it; null: nothing. Bounded. */
  readConsole(instanceId: string): Promise<string | null>;
  /** Stores a text of the node; gives where. Bounded. */
  store(instanceId: string, name: "console.log", text: string): Promise<string>;
  readonly log: Logger;
}

/** Keeps what a node leaves: its journal where it still answers, else what EC2 has of its console. */
export function createLastWords({ askNode, readConsole, store, log }: LastWordsDeps): LastWords {
  async function keepConsole({ id }: Pick<NodeSummary, "id">): Promise<string> {
    const text = await readConsole(id);
    return text === null
      ? "EC2 has no console of it"
      : `its console is ${await store(id, "console.log", text)}`;
  }
  return {
    async keep(node) {
      // One that was never heard has no agent to ask.
      if (node.address !== "") {
        try {
          return `its journal is ${await askNode(node.address)}`;
        } catch (error) {
          log.info(
            { node: node.id, reason: reasonOf(error) },
            "a node that goes does not keep its journal itself",
          );
        }
      }
      return keepConsole(node).catch((error: unknown) => {
        log.warn({ node: node.id, reason: reasonOf(error) }, "the console of a node that goes can't be kept");
        return `its console could not be kept: ${reasonOf(error)}`;
      });
    },
  };
}
