import type { NodeNotice } from "../contract/node-notice.js";
import { byText } from "../contract/text-order.js";

/** What the instance metadata says in the three places where EC2 announces things; null: nothing is there. */
export interface NoticeTexts {
  /** `spot/instance-action` */
  readonly spot: string | null;
  /** `events/maintenance/scheduled` */
  readonly maintenance: string | null;
  /** `events/recommendations/rebalance` */
  readonly rebalance: string | null;
}

const MOST_EVENTS = 8;

/**
 * The notices in these texts, which are EC2's documented JSON: the interruption first, the earliest maintenance next. A text that is
 * something else says that there is a notice, of which the time is not known; an interruption without a time is near. Pure.
 */
export function readNotices({ spot, maintenance, rebalance }: NoticeTexts): readonly NodeNotice[] {
  return [
    ...(spot === null ? [] : [ofSpot(parse(spot))]),
    ...(maintenance === null ? [] : ofMaintenance(parse(maintenance))),
    ...(rebalance === null ? [] : [{ kind: "rebalance", at: null, what: "rebalance" } as const]),
  ];
}

/** `{"action": "terminate", "time": "2017-09-18T08:22:00Z"}` */
function ofSpot(value: unknown): NodeNotice {
  const { action, time } = fieldsOf(value);
  return { kind: "spot-interruption", at: timeOf(time), what: wordOf(action) };
}

/** A list of `{"NotBefore": "21 Jan 2019 09:00:43 GMT", "Code": "system-reboot", "State": "active", ...}`; what is over is elsewhere. */
function ofMaintenance(value: unknown): readonly NodeNotice[] {
  const events = Array.isArray(value) ? value : [];
  return events
    .map(fieldsOf)
    .filter(({ State }) => State === undefined || State === "active")
    .map(
      ({ Code, NotBefore }): NodeNotice => ({
        kind: "maintenance",
        at: timeOf(NotBefore),
        what: wordOf(Code),
      }),
    )
    .sort((a, b) => byText(a.at ?? "", b.at ?? ""))
    .slice(0, MOST_EVENTS);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const wordOf = (value: unknown): string => (typeof value === "string" ? value.slice(0, 60) : "unknown");

function timeOf(value: unknown): string | null {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
