import type { ReasonEntry } from "./reason.js";

/** Why a slot of a definition's schedule has no job, or the schedule no slots. */
export const SCHEDULE_REASONS = {
  "schedule-missed-deadline": {
    about: "schedule",
    meaning:
      "The slot's job could not be submitted within the schedule's starting deadline: there was no head node, or it did not reach the registry.",
    retry: "never",
    next: "Run the definition by hand if the slot matters. A longer startingDeadlineSeconds makes up for longer outages.",
  },
  "schedule-superseded": {
    about: "schedule",
    meaning:
      "A later slot was due as well by the time that a job could be submitted: only the latest one gets a job.",
    retry: "never",
    next: "Nothing: the later slot's job stands for it.",
  },
  "schedule-skipped-running": {
    about: "schedule",
    meaning: "Another job of the definition had not ended at the slot, and the schedule says skip.",
    retry: "never",
    next: "Set ifRunning to queue or replace, or leave more time between the slots.",
  },
  "schedule-skipped-waiting": {
    about: "schedule",
    meaning: "A job of the definition was already waiting at the slot: a schedule queues one job at most.",
    retry: "never",
    next: "Leave more time between the slots, or give the definition a cluster of its own.",
  },
  "schedule-skipped-queue-full": {
    about: "schedule",
    meaning: "As many jobs waited on the cluster at the slot as may wait.",
    retry: "never",
    next: "Cancel jobs that wait, or give the definition a cluster of its own; run the definition by hand if the slot matters.",
  },
  "schedule-invalid": {
    about: "schedule",
    meaning: "The definition's schedule is not one that can be followed.",
    retry: "never",
    next: "Correct what the reason names, and apply the definition again.",
  },
} as const satisfies Readonly<Record<string, ReasonEntry>>;
