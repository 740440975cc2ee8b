import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { failure } from "../core/exit.js";
import type { Account, Opening } from "../core/ports.js";
import { callsOf, clientSettings } from "./connection.js";

const PATIENCE_MS = 5_000;

/** The account's id, for an error's words; null where it can't be found in a few seconds. */
export async function findAccount(opening: Opening, version: string): Promise<string | null> {
  const sts = new STSClient(clientSettings(opening, version));
  try {
    const abortSignal = AbortSignal.any([opening.signal, AbortSignal.timeout(PATIENCE_MS)]);
    return (await sts.send(new GetCallerIdentityCommand({}), { abortSignal })).Account ?? null;
  } catch {
    return null; // it only helps to say which account was looked into
  }
}

/** The org's traces in the account. Its clients are loaded when it is used: no other command needs them. */
export function accountTraces(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Account {
  return {
    async findLeftovers() {
      // One call first: what is wrong with credentials or endpoint is said once, not by each of twenty looks.
      const sts = new STSClient(clientSettings(opening, version));
      await callsOf(
        sts,
        "STS",
        opening,
        env,
      )("find the account of the credentials", () =>
        sts.send(new GetCallerIdentityCommand({}), { abortSignal: opening.signal }),
      );
      const { findLeftovers } = await import("../leftovers/find.js");
      const found = findLeftovers(opening.org, { region: opening.region }).catch((error: Error) => {
        throw failure(error.message);
      });
      return Promise.race([found, abortOf(opening.signal)]);
    },
  };
}

/** Rejects with the signal's reason when it aborts; the looks at the account don't listen to it themselves. */
const abortOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
