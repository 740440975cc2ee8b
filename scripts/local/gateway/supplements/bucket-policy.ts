import { bucketOf } from "../operation.js";
import type { Reply } from "../reply.js";
import type { GatewayCall, Supplements } from "./supplement.js";

/**
 * Bucket policies are kept here and never reach the emulator: it ignores their conditions, so that the usual
 * "deny without TLS" would lock the bucket for all clients.
 */
export function bucketPolicies(): Supplements {
  const policies = new Map<string, string>();

  /** The emulator's "no such bucket" (after removing our policy of that bucket), or undefined: the bucket exists. */
  async function bucketMissing(call: GatewayCall, bucket: string): Promise<Reply | undefined> {
    const reply = await call.ask({ method: "GET", body: Buffer.alloc(0) });
    if (!reply.body.includes("<Code>NoSuchBucket</Code>")) return undefined;
    policies.delete(bucket);
    return reply;
  }

  const withBucket =
    (answer: (bucket: string, call: GatewayCall) => Reply | undefined) =>
    async (call: GatewayCall): Promise<Reply | undefined> => {
      const bucket = bucketOf(call.request);
      if (bucket === undefined) return undefined;
      return (await bucketMissing(call, bucket)) ?? answer(bucket, call);
    };

  return {
    "s3.PutBucketPolicy": withBucket((bucket, call) => {
      policies.set(bucket, call.body.toString());
      return { status: 204, headers: {}, body: "" };
    }),
    "s3.GetBucketPolicy": withBucket((bucket) => {
      const body = policies.get(bucket);
      return body === undefined
        ? undefined
        : { status: 200, headers: { "content-type": "application/json" }, body };
    }),
    "s3.DeleteBucketPolicy": withBucket((bucket) => {
      policies.delete(bucket);
      return { status: 204, headers: {}, body: "" };
    }),
    "s3.DeleteBucket": async (call) => {
      const reply = await call.ask();
      const bucket = bucketOf(call.request);
      if (reply.status < 300 && bucket !== undefined) policies.delete(bucket);
      return reply;
    },
  };
}
