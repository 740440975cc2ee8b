import type { ClusterView } from "../../api.js";
import { lasting } from "./words.js";

/** When the cluster shuts down by itself, or what keeps it: "parks in 38 min", "kept awake by job"; "": nothing can be said. */
export function shutdownOf({ status, activity }: ClusterView): string {
  if (status === "PARKED") return "parked";
  if (status !== "FINISHED" && status !== "FAILED") return "";
  const { secondsLeft, idleTimeoutMinutes, sources, keepAliveUntil } = activity;
  if (secondsLeft !== null) return `parks in ${lasting(secondsLeft * 1_000)}`;
  if (idleTimeoutMinutes === null) return "never parks";
  const named = (state: string): string =>
    sources
      .filter((source) => source.state === state)
      .map(({ source }) => source)
      .join(", ");
  if (named("active") !== "") return `kept awake by ${named("active")}`;
  if (named("unknown") !== "") return `not known: ${named("unknown")}`;
  return keepAliveUntil === null ? "" : "kept awake for a while";
}
