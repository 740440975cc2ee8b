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
] as const satisfies readonly {
  readonly name: keyof NoticeTexts;
  readonly path: string;
  readonly keptMs: number;
}[];

/** A read that comes so much too soon counts as in time: those who read every few seconds are never quite that. */
const SLACK_MS = 500;

/** Reads them over IMDSv2, with a token that is used for an hour. Each call is one to three small requests, and takes seconds at most. */
export function createNoticeReader(): () => Promise<NoticeTexts> {
  const metadata = openMetadata();
  const readAtMs = new Map<string, number>();
  let known: NoticeTexts = { spot: null, maintenance: null, rebalance: null };
  return async () => {
    const nowMs = performance.now();
    const due = PLACES.filter(
      ({ name, keptMs }) => nowMs - (readAtMs.get(name) ?? Number.NEGATIVE_INFINITY) >= keptMs - SLACK_MS,
    );
    const texts = await metadata.read(due.map(({ path }) => path));
    known = { ...known, ...Object.fromEntries(due.map(({ name }, index) => [name, texts[index] ?? null])) };
    for (const { name } of due) readAtMs.set(name, nowMs);
    return known;
  };
}
