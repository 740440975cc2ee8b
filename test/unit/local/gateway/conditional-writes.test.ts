import { expect, test } from "@jest/globals";
import { conditionalWrites } from "../../../../scripts/local/gateway/supplements/conditional-writes.js";
import type { GatewayCall } from "../../../../scripts/local/gateway/supplements/supplement.js";

/** A call that the emulator takes a moment for; `under` counts those that it works on at once. */
function slowCall(under: { now: number; most: number }, fails = false): GatewayCall {
  return {
    operation: { service: "dynamodb", action: "PutItem", region: "us-east-1" },
    request: { method: "POST", url: "/", headers: {}, form: new URLSearchParams() },
    body: Buffer.alloc(0),
    isGone: () => false,
    async ask() {
      under.now += 1;
      under.most = Math.max(under.most, under.now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      under.now -= 1;
      if (fails) throw new Error("the emulator is gone");
      return { status: 200, headers: {}, body: "{}" };
    },
  };
}

test("writes wait for each other, and a failed one holds up none", async () => {
  const under = { now: 0, most: 0 };
  const writes = conditionalWrites();
  const answers = await Promise.allSettled(
    ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"].map((action, index) =>
      writes[`dynamodb.${action}`]?.(slowCall(under, index === 1)),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect(under.most).toBe(1);
});

test("a write whose client gives up before its turn is not done, and those behind it are", async () => {
  const under = { now: 0, most: 0 };
  const done: string[] = [];
  const writes = conditionalWrites();
  const write = (name: string, isGone = false) => {
    const call = slowCall(under);
    const ask = () => {
      done.push(name);
      return call.ask();
    };
    return writes["dynamodb.UpdateItem"]?.({ ...call, ask, isGone: () => isGone });
  };
  const replies = await Promise.all([write("first"), write("given up", true), write("last")]);
  expect(done).toEqual(["first", "last"]);
  expect(replies.map((reply) => reply?.status)).toEqual([200, 500, 200]);
});
