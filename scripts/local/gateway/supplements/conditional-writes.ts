import type { GatewayCall, Supplements } from "./supplement.js";

const WRITES = ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"] as const;

/**
 * DynamoDB checks a write's condition and writes in one step. The emulator does this in two steps, in a thread for each request,
 * so two writers could both succeed. Here writes wait for each other.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.ConditionalUpdate
 */
export function conditionalWrites(): Supplements {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (call: GatewayCall) => {
    const turn = last.then(() => call.ask());
    last = turn.catch(() => undefined);
    return turn;
  };
  return Object.fromEntries(WRITES.map((action) => [`dynamodb.${action}`, inTurn]));
}
