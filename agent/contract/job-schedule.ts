import { type Static, Type } from "@sinclair/typebox";
import { enumOf, Time } from "./item-fields.js";

/**
 * What a slot does while another job of its definition has not ended: `skip` submits none, `queue` submits one that waits, if none
 * waits yet, and `replace` cancels the other one first.
 */
export const OVERLAP_POLICIES = ["skip", "queue", "replace"] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

export const DEFAULT_OVERLAP_POLICY: OverlapPolicy = "skip";
export const DEFAULT_TIME_ZONE = "UTC";
export const DEFAULT_STARTING_DEADLINE_SECONDS = 3_600;
export const SCHEDULE_LIMITS = { cronCharacters: 200, startingDeadlineSeconds: 604_800 } as const;

/** When a definition's jobs start by themselves: at one time (`at`), or at each slot of a cron expression (`cron`). */
export const JobSchedule = Type.Object(
  {
    at: Type.Optional(Time),
    cron: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: SCHEDULE_LIMITS.cronCharacters,
        description: "five fields: minute, hour, day of month, month, day of week",
      }),
    ),
    timeZone: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: `an IANA name; default ${DEFAULT_TIME_ZONE}` }),
    ),
    startingDeadlineSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: SCHEDULE_LIMITS.startingDeadlineSeconds,
        description: `a slot that could not be submitted for longer is missed; default ${DEFAULT_STARTING_DEADLINE_SECONDS}`,
      }),
    ),
    ifRunning: Type.Optional(enumOf<OverlapPolicy>(OVERLAP_POLICIES)),
  },
  { additionalProperties: false },
);
export type JobSchedule = Static<typeof JobSchedule>;
