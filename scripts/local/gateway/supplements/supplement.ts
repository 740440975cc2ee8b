import type { Operation, RequestLine } from "../operation.js";
import type { Reply } from "../reply.js";

/** One request, as a supplement sees it. */
export interface GatewayCall {
  readonly operation: Operation;
  readonly request: RequestLine;
  /** The whole body; the operations supplemented here have small ones. */
  readonly body: Buffer;
  /** Whether the client has hung up: no one reads the reply any more. */
  isGone(): boolean;
  /** Sends it to the emulator, perhaps with another body, and gives the reply. */
  ask(change?: { readonly body?: Buffer; readonly method?: string }): Promise<Reply>;
}

/** Answers the call, or undefined: the emulator answers. */
type Supplement = (call: GatewayCall) => Promise<Reply | undefined>;

/** Supplements by "<service>.<Action>". */
export type Supplements = Readonly<Record<string, Supplement>>;
