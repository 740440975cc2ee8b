import {
  GetCallerIdentityCommand,
  type GetCallerIdentityCommandOutput,
  STSClient,
} from "@aws-sdk/client-sts";
import { failure } from "../core/exit.js";
import type { Account, Opening } from "../core/ports.js";
import { accountCalls } from "./account-calls.js";
import { callsOf, clientSettings } from "./connection.js";
import { findOrgTraces } from "./org-traces.js";

const PATIENCE_MS = 5_000;

/** What STS says of the credentials; nothing if it does not answer in a few seconds. */
async function findIdentity(
  opening: Opening,
  version: string,
): Promise<Pick<GetCallerIdentityCommandOutput, "Account" | "Arn">> {
  const sts = new STSClient(clientSettings(opening, version));
  try {
    const abortSignal = AbortSignal.any([opening.signal, AbortSignal.timeout(PATIENCE_MS)]);
    return await sts.send(new GetCallerIdentityCommand({}), { abortSignal });
  } catch {
    // The id only makes an error message clearer, and a job may run without its submitter's name.
    return {};
  }
}

/** The account's id, for error messages; null if it can't be found in a few seconds. */
export const findAccount = async (opening: Opening, version: string): Promise<string | null> =>
  (await findIdentity(opening, version)).Account ?? null;

/** Whose credentials there are, and the org's leftovers in the account. The clients of the latter are loaded on first use: no other command needs them. */
export function accountTraces(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Account {
  async function identify(): ReturnType<Account["identify"]> {
    const sts = new STSClient(clientSettings(opening, version));
    const call = callsOf(sts, "STS", opening, env);
    const { Account: account = "", Arn: arn = "" } = await call("find the account of the credentials", () =>
      sts.send(new GetCallerIdentityCommand({}), { abortSignal: opening.signal }),
    );
    return { account, arn };
  }
  return {
    as: (caller) => accountCalls(caller, opening, version),
    identify,
    caller: async () => (await findIdentity(opening, version)).Arn ?? null,
    findTraces: () => findOrgTraces(opening, env, version),
    async findLeftovers() {
      // One call first, so that a problem with credentials or endpoint is reported once, not by each of twenty probes.
      await identify();
      const { region, credentials } = clientSettings(opening, version);
      const { findLeftovers } = await import("../leftovers/find.js");
      const found = findLeftovers(opening.org, { region, credentials }).catch((error: Error) => {
        throw failure(error.message);
      });
      return Promise.race([found, abortOf(opening.signal)]);
    },
  };
}

/** Rejects with the signal's reason when it aborts; the probes themselves don't listen to it. */
const abortOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
