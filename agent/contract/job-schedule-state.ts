import { type Static, Type } from "@sinclair/typebox";
import { Code, Nullable, Time } from "./item-fields.js";
import type { ScheduleReasonCode } from "./reasons.js";

/** How many records of missed slots a schedule keeps; older ones are only counted. */
export const MAX_MISSED_RECORDS = 20;

/** Slots of a schedule, one or several in a row, that no job was submitted for, for one reason. */
const MissedSlots = Type.Object({
  first: Time,
  last: Time,
  count: Type.Integer({ description: "how many slots there are from first to last" }),
  reasonCode: Code<ScheduleReasonCode>(),
  reason: Type.String(),
  jobId: Nullable(Type.String({ description: "the job that was in the way; null: none was" })),
});
export type MissedSlots = Static<typeof MissedSlots>;

/**
 * `SCHEDULE#<definition>`: how far a definition's schedule is. The head alone writes it, under its generation; each slot is
 * decided in the write that moves `scheduledThrough` over it, so that a slot is decided once, whichever head is there.
 */
export const ScheduleItem = Type.Object({
  clusterUuid: Type.String(),
  name: Type.String({ description: "the definition's" }),
  definitionId: Type.String({ description: "which definition of that name" }),
  timing: Type.Object({
    at: Type.Optional(Time),
    cron: Type.Optional(Type.String()),
    timeZone: Type.Optional(Type.String()),
  }),
  reasonCode: Code<ScheduleReasonCode>(),
  reason: Nullable(Type.String({ description: "why it has no slots" })),
  scheduledThrough: Type.String({
    description: "every slot up to this moment is decided; later ones are not",
  }),
  lastSlot: Nullable(Type.String({ description: "the newest slot that has a job" })),
  lastJobId: Nullable(Type.String()),
  missedCount: Type.Integer({ description: "slots without a job, since this timing holds" }),
  missed: Type.Array(MissedSlots, {
    description: `the newest ${MAX_MISSED_RECORDS} records, the oldest first`,
  }),
  leaseGeneration: Type.Integer(),
});
export type ScheduleItem = Static<typeof ScheduleItem>;
