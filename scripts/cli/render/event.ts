import type { EventItem } from "../../../agent/contract/event.js";

const CODE_WIDTH = 16;

/** One event in a line. Pure. */
export const renderEvent = ({ at, code, text, by }: EventItem): string =>
  `${at}  ${code.padEnd(CODE_WIDTH)}  ${text}${by === undefined ? "" : ` By ${by}.`}`;

/** Events, one a line. Pure. */
export const renderEvents = (events: readonly EventItem[]): readonly string[] => events.map(renderEvent);
