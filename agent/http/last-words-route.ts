import type { FastifyInstance } from "fastify";
import { LAST_WORDS_PATH } from "../head/last-words.js";

/** Stores this node's journal in the log bucket; gives where. Bounded; rejects with the reason. */
export type KeepJournal = () => Promise<string>;

/** Adds `POST /v1/last-words`: the head is about to end this node. */
export function addLastWordsRoute(app: FastifyInstance, keep: KeepJournal): void {
  app.post(LAST_WORDS_PATH, async (): Promise<{ uri: string }> => ({ uri: await keep() }));
}
