import type { NoticeTexts } from "../node/notices.js";
import { openMetadata } from "./imds.js";

/**
 * Where EC2 announces what it will do: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html. An
 * interruption is two minutes away, the others hours and days: of these what was read is given for so long.
 */
const PLACES = [
  { name: "spot", path: "/latest/meta-data/spot/instance-action", keptMs: 0 },
  { name: "rebalance", path: "/latest/meta-data/events/recommendations/rebalance", keptMs: 15_000 },
  { name: "maintenance", path: "/latest/meta-data/events/maintenance/scheduled", keptMs: 60_000 },
] as const;

const LIFE_CYCLE = "/latest/meta-data/instance-life-cycle";
/** EC2 interrupts spot instances only; another is asked all the same, as often as for what else may be announced. */
const KEPT_ON_DEMAND_MS = 15_000;
/** A read that comes so much too soon counts as in time: those who read every few seconds are never quite that. */
const SLACK_MS = 500;

/**
 * Reads them over IMDSv2, with a token that is used for an hour. Each call is a few small requests, or none where all of it was read a
 * moment ago, and takes seconds at most.
 */
export function createNoticeReader(
  monotonicMs: () => number = () => performance.now(),
): () => Promise<NoticeTexts> {
  const metadata = openMetadata();
  const readAtMs = new Map<string, number>();
  let known: NoticeTexts = { spot: null, maintenance: null, rebalance: null };
  /** Undefined: not read yet. */
  let isOnDemand: boolean | undefined;

  function isDue({ name, keptMs }: (typeof PLACES)[number], nowMs: number): boolean {
    const forMs = isOnDemand ? Math.max(keptMs, KEPT_ON_DEMAND_MS) : keptMs;
    return nowMs - (readAtMs.get(name) ?? Number.NEGATIVE_INFINITY) >= forMs - SLACK_MS;
  }

  return async () => {
    if (isOnDemand === undefined) isOnDemand = (await metadata.read([LIFE_CYCLE]))[0] === "on-demand";
    const nowMs = monotonicMs();
    const due = PLACES.filter((place) => isDue(place, nowMs));
    if (due.length === 0) return known;
    const texts = await metadata.read(due.map(({ path }) => path));
    known = { ...known, ...Object.fromEntries(due.map(({ name }, index) => [name, texts[index] ?? null])) };
    for (const { name } of due) readAtMs.set(name, nowMs);
    return known;
  };
}
