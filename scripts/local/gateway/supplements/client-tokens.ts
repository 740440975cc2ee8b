import { errorReply, type Reply } from "../reply.js";
import type { Supplements } from "./supplement.js";

/**
 * Launches and copies with a client token that was used before: EC2 gives what it gave then, and refuses other parameters with it. The
 * emulator makes another one. `others` answer the first call.
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
export function clientTokens(others: Supplements): Supplements {
  const seen = new Map<string, { readonly parameters: string; readonly reply: Promise<Reply> }>();

  const once: (action: string) => Supplements = (action) => ({
    [action]: async (call) => {
      const { operation, request } = call;
      const token = request.form.get("ClientToken");
      const first = async (): Promise<Reply> => (await others[action]?.(call)) ?? call.ask();
      if (token === null || token === "" || request.form.get("DryRun") === "true") return first();
      const key = `${operation.region} ${action} ${token}`;
      const parameters = request.form.toString();
      const known = seen.get(key);
      if (known !== undefined && known.parameters !== parameters) {
        const message = `The client token ${token} was used with other parameters.`;
        return errorReply(operation, 400, "IdempotentParameterMismatch", message);
      }
      if (known !== undefined) return known.reply;
      const reply = first();
      seen.set(key, { parameters, reply });
      const failed = await reply.then(
        ({ status }) => status >= 300,
        () => true,
      );
      if (failed) seen.delete(key);
      return reply;
    },
  });

  return { ...others, ...once("ec2.RunInstances"), ...once("ec2.CopyImage") };
}
