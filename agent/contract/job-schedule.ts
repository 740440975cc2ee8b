import { type Static, Type } from "@sinclair/typebox";
import { enumOf, Time } from "./item-fields.js";
import {
  DEFAULT_STARTING_DEADLINE_SECONDS,
  DEFAULT_TIME_ZONE,
  OVERLAP_POLICIES,
  type OverlapPolicy,
  SCHEDULE_LIMITS,
} from "./schedule-policy.js";

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
