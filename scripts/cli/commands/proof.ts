import type { Account } from "../core/ports.js";
import type { OrgContext } from "./context.js";

/** So long may AWS still list what was deleted. */
const LATE_MS = 120_000;
const INTERVAL_MS = 10_000;

type Proof = Awaited<ReturnType<Account["findLeftovers"]>>;

/**
 * What is left of the org. AWS is late, and a service may make its log group again: while something is left, it looks again for two minutes
 * (`isPatient`), and says what it waits for; not for what was kept. Throws the signal's reason.
 */
export async function prove(
  { world, out, access }: Pick<OrgContext, "world" | "out" | "access">,
  signal: AbortSignal,
  {
    isPatient,
    kept = [],
  }: { readonly isPatient: boolean; readonly kept?: readonly { readonly id: string }[] },
): Promise<Proof> {
  const until = world.now().getTime() + (isPatient ? LATE_MS : 0);
  let shown = 0;
  for (;;) {
    const proof = await access.account.findLeftovers();
    const leftovers = proof.leftovers.filter(({ id }) => !kept.some((one) => one.id === id));
    const [first] = leftovers;
    if (first === undefined || world.now().getTime() >= until) return proof;
    if (leftovers.length !== shown)
      out.say(
        `Still listed: ${leftovers.length}, such as ${first.kind} ${first.id}. Looking again for two minutes at most.`,
      );
    shown = leftovers.length;
    await world.sleep(INTERVAL_MS, signal);
    signal.throwIfAborted();
  }
}
