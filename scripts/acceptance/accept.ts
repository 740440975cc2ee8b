import { type Ceiling, stepsMs, tooLow, usdAtMost } from "./ceiling.js";
import { messageOf, notReached, type PlayPorts, playSteps } from "./play.js";
import type { PlayedStep, Step } from "./step.js";
import type { Stops } from "./stops.js";

/** What is agreed to before anything is made. */
export interface Offer {
  readonly usdPerHour: number;
  readonly usdAtMost: number;
  readonly ceiling: Ceiling;
}

/** All that is played. */
export interface Plan {
  /** Makes nothing in the account: what fails here makes the acceptance unusable. */
  readonly opening: readonly Step[];
  readonly steps: readonly Step[];
  /** Each is played whatever has come of the others, once something may be there. */
  readonly teardown: readonly Step[];
  /** Plays always: takes back what the opening has made on this machine. */
  readonly closing: readonly Step[];
}

interface AcceptPorts extends PlayPorts {
  /** Known after the opening: USD an hour, or null where a price is not known. */
  readonly usdPerHour: () => number | null;
  /** The person's answer. */
  readonly agree: (offer: Offer) => Promise<boolean>;
  /** Calls `act` after so many ms, unless the returned function is called before. */
  readonly after: (ms: number, act: () => void) => () => void;
}

/** As exit statuses: 0, 1, 2 and 3. */
export type AcceptanceResult = "passed" | "failed" | "unusable" | "refused";
export const EXIT_STATUS = { passed: 0, failed: 1, unusable: 2, refused: 3 } as const satisfies Record<
  AcceptanceResult,
  number
>;

/** What has come of an acceptance. */
export interface Outcome {
  readonly result: AcceptanceResult;
  /** Of a result that no step shows, or of an end before the last step. */
  readonly why: string | null;
  readonly offer: Offer | null;
  readonly steps: readonly PlayedStep[];
  /** Whether something may be left in the account. */
  readonly isLeft: boolean;
}

/** Opens, asks, plays the steps, and takes everything back whatever has happened. Fails never. */
export async function accept(
  plan: Plan,
  ceiling: Ceiling,
  stops: Stops,
  ports: AcceptPorts,
): Promise<Outcome> {
  const opened = await playSteps(plan.opening, { signal: stops.steps, endsAtFailure: true }, ports);
  const asked = await askFirst(opened, ceiling, stops, ports);
  const [steps, teardown] =
    asked.result === "agreed"
      ? await thereAndBack(plan, stepsMs(ceiling, asked.offer.usdPerHour), stops, ports)
      : [[...plan.steps, ...plan.teardown].map((step) => notReached(step, stops.steps)), []];
  stops.beginTeardown();
  const closed = await playSteps(plan.closing, { signal: stops.teardown, endsAtFailure: false }, ports);
  const played = [...opened, ...steps, ...teardown, ...closed];
  const isLeft = teardown.some(({ result }) => result === "failed" || result === "not reached");
  const { offer, why } = asked;
  if (asked.result !== "agreed") return { result: asked.result, why, offer, steps: played, isLeft };
  const isBad = played.some(({ result }) => result === "failed" || result === "not reached");
  const endedBy = stops.steps.aborted ? messageOf(stops.steps.reason) : null;
  return { result: isBad ? "failed" : "passed", why: endedBy, offer, steps: played, isLeft };
}

async function thereAndBack(
  { steps, teardown }: Plan,
  limitMs: number,
  stops: Stops,
  ports: AcceptPorts,
): Promise<readonly [readonly PlayedStep[], readonly PlayedStep[]]> {
  const cancel = ports.after(limitMs, () => stops.reachCeiling());
  const played = await playSteps(steps, { signal: stops.steps, endsAtFailure: true }, ports);
  cancel();
  stops.beginTeardown();
  return [played, await playSteps(teardown, { signal: stops.teardown, endsAtFailure: false }, ports)];
}

type Asked =
  | { readonly result: "agreed"; readonly why: null; readonly offer: Offer }
  | { readonly result: "unusable" | "refused"; readonly why: string; readonly offer: Offer | null };

async function askFirst(
  opened: readonly PlayedStep[],
  ceiling: Ceiling,
  stops: Stops,
  { usdPerHour, agree }: AcceptPorts,
): Promise<Asked> {
  const bad = opened.find(({ result }) => result !== "passed" && result !== "left out");
  if (bad !== undefined)
    return {
      result: "unusable",
      why: `${bad.title}: ${bad.why ?? bad.result}. Nothing was made.`,
      offer: null,
    };
  const usd = usdPerHour();
  if (usd === null) {
    const why =
      "A price is not known, so the ceiling in USD can't be kept. Give the prices in a file (--prices).";
    return { result: "unusable", why, offer: null };
  }
  if (stepsMs(ceiling, usd) === 0) return { result: "unusable", why: tooLow(ceiling, usd), offer: null };
  const offer = { usdPerHour: usd, usdAtMost: usdAtMost(ceiling, usd), ceiling };
  const isAgreed = await agree(offer).catch(() => false);
  if (isAgreed && !stops.steps.aborted) return { result: "agreed", why: null, offer };
  return { result: "refused", why: "It was not agreed to. Nothing was made.", offer };
}
