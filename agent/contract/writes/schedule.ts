import type { ScheduleItem } from "../job-schedule-state.js";
import { partitionKeyed, scheduleSk } from "../keys.js";
import {
  all,
  type Delete,
  equal,
  isWritableByHead,
  type Key,
  legal,
  type Put,
  type Update,
  update,
} from "./write.js";

/** A schedule by its place. */
export type SchedulePlace = Pick<ScheduleItem, "clusterUuid" | "name">;
/** What a head decides of slots. */
export type ScheduleChange = Pick<
  ScheduleItem,
  "scheduledThrough" | "lastSlot" | "lastJobId" | "missedCount" | "missed"
>;

const keyOf = ({ clusterUuid, name }: SchedulePlace): Key => partitionKeyed(clusterUuid, scheduleSk(name));

/** The legal writes of `SCHEDULE#<definition>`. */
export const scheduleWrites = {
  begin: legal(
    {
      by: ["head"],
      why: "A head sees a definition's schedule for the first time, or with another timing: no slot before that counts. Not over a newer head's word.",
    },
    (schedule: ScheduleItem): Put => ({
      write: "put",
      key: keyOf(schedule),
      item: schedule,
      condition: isWritableByHead(schedule.leaseGeneration),
    }),
  ),
  advance: legal(
    {
      by: ["head"],
      why: "A head decides every slot up to a moment, from where the schedule was when it was read: what another head has decided meanwhile stays. In one transaction with the job that it submits for a slot, so that no crash is between the two.",
    },
    (schedule: ScheduleItem, generation: number, change: ScheduleChange): Update =>
      update(
        keyOf(schedule),
        { set: { ...change, leaseGeneration: generation } },
        all(
          isWritableByHead(generation),
          equal("definitionId", schedule.definitionId),
          equal("scheduledThrough", schedule.scheduledThrough),
        ),
      ),
  ),
  forget: legal(
    {
      by: ["head"],
      why: "The definition is gone, or has no schedule any more, and its slots with it; not where a newer head has written.",
    },
    (place: SchedulePlace, generation: number): Delete => ({
      write: "delete",
      key: keyOf(place),
      condition: isWritableByHead(generation),
    }),
  ),
} as const;
