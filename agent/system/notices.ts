import type { NoticeTexts } from "../node/notices.js";
import { openMetadata } from "./imds.js";

/** Where EC2 announces what it will do: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html */
const PATHS = {
  spot: "/latest/meta-data/spot/instance-action",
  maintenance: "/latest/meta-data/events/maintenance/scheduled",
  rebalance: "/latest/meta-data/events/recommendations/rebalance",
} as const;

/** An interruption is two minutes away, the others hours and days: of these what was read is given for so long. */
const SELDOM_MS = 15_000;

/** Reads them over IMDSv2, with a token that is used for an hour. Each call is one to three small requests, and takes seconds at most. */
export function createNoticeReader(): () => Promise<NoticeTexts> {
  const metadata = openMetadata();
  let seldom: Omit<NoticeTexts, "spot"> = { maintenance: null, rebalance: null };
  let seldomAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const isDue = performance.now() - seldomAtMs >= SELDOM_MS;
    const paths = isDue ? [PATHS.spot, PATHS.maintenance, PATHS.rebalance] : [PATHS.spot];
    const [spot = null, maintenance = null, rebalance = null] = await metadata.read(paths);
    if (isDue) {
      seldom = { maintenance, rebalance };
      seldomAtMs = performance.now();
    }
    return { spot, ...seldom };
  };
}
