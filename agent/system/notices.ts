import type { NoticeTexts } from "../node/notices.js";
import { openMetadata } from "./imds.js";

/** Where EC2 announces what it will do: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html */
const PATHS = {
  spot: "/latest/meta-data/spot/instance-action",
  maintenance: "/latest/meta-data/events/maintenance/scheduled",
  rebalance: "/latest/meta-data/events/recommendations/rebalance",
} as const;

/** Reads them over IMDSv2, with a token that is used for an hour. Each call is three small requests, and takes seconds at most. */
export function createNoticeReader(): () => Promise<NoticeTexts> {
  const metadata = openMetadata();
  return async () => {
    const [spot, maintenance, rebalance] = await Promise.all(
      [PATHS.spot, PATHS.maintenance, PATHS.rebalance].map((path) => metadata.read(path)),
    );
    return { spot: spot ?? null, maintenance: maintenance ?? null, rebalance: rebalance ?? null };
  };
}
