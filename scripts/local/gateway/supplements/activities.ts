import { randomUUID } from "node:crypto";

/** One entry of an Auto Scaling group's history, as DescribeScalingActivities gives it. */
interface Activity {
  readonly id: string;
  readonly group: string;
  readonly description: string;
  readonly cause: string;
  readonly at: Date;
  readonly status: "Successful" | "Failed";
  /** The failure's message. */
  readonly message: string | undefined;
}

/** The histories of all groups (keys are the caller's), newest first. */
export interface Activities {
  /** Compares the group's instances with those known: each new one was launched, each missing one terminated. */
  observe(key: string, group: string, instanceIds: readonly string[], at: Date): void;
  recordFailure(key: string, group: string, message: string, at: Date): void;
  list(key: string): readonly Activity[];
  /** Removes the history of a deleted group. */
  forget(key: string): void;
}

/** As much as clients read; Auto Scaling itself keeps six weeks. */
const KEPT_PER_GROUP = 2000;

export function createActivities(): Activities {
  const histories = new Map<string, { known: Set<string>; entries: Activity[] }>();
  const historyOf = (key: string) => {
    const history = histories.get(key) ?? { known: new Set<string>(), entries: [] };
    histories.set(key, history);
    return history;
  };
  function record(key: string, entry: Omit<Activity, "id">): void {
    const history = historyOf(key);
    history.entries.unshift({ ...entry, id: randomUUID() });
    history.entries.length = Math.min(history.entries.length, KEPT_PER_GROUP);
  }
  return {
    observe(key, group, instanceIds, at) {
      const { known } = historyOf(key);
      const cause = `At ${at.toISOString()} the group's desired capacity or its instances changed.`;
      const done = (description: string): void =>
        record(key, { group, description, cause, at, status: "Successful", message: undefined });
      for (const id of instanceIds) if (!known.has(id)) done(`Launching a new EC2 instance: ${id}`);
      for (const id of known) if (!instanceIds.includes(id)) done(`Terminating EC2 instance: ${id}`);
      historyOf(key).known = new Set(instanceIds);
    },
    recordFailure(key, group, message, at) {
      record(key, {
        group,
        description: `Launching a new EC2 instance.  Status Reason: ${message}`,
        cause: `At ${at.toISOString()} an instance was started in response to a difference between desired and actual capacity.`,
        at,
        status: "Failed",
        message,
      });
    },
    list: (key) => histories.get(key)?.entries ?? [],
    forget: (key) => void histories.delete(key),
  };
}
