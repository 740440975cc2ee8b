import { createTurns } from "../../../system/turns.js";
import { errorReply } from "../reply.js";
import type { GatewayCall, Supplements } from "./supplement.js";

const WRITES = ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"] as const;

/**
 * DynamoDB checks a write's condition and writes in one step. The emulator does this in two steps, in a thread for each request,
 * so two writers could both succeed. Here writes wait for each other. One whose client gives up while it waits is not done: the client tries
 * again, and with 64 nodes that boot on one machine the writes that no client waits for any more would keep back all others.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.ConditionalUpdate
 */
export function conditionalWrites(): Supplements {
  const turns = createTurns();
  const inTurn = (call: GatewayCall) => turns("write", async () => (call.isGone() ? gone(call) : call.ask()));
  return Object.fromEntries(WRITES.map((action) => [`dynamodb.${action}`, inTurn]));
}

/** No client is left to read it. */
const gone = ({ operation }: GatewayCall) =>
  errorReply(operation, 500, "InternalServerError", "the client hung up before its turn");
