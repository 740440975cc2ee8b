import { type ActivityReply, renderTimeLeft } from "../../../agent/contract/activity-view.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { renderTable } from "./table.js";

/** What keeps the cluster awake, its sources last. Pure. */
export function renderActivity({ name, uuid, phase }: ClusterItem, view: ActivityReply): readonly string[] {
  const { clusterStatus, idleTimeoutMinutes, observedAt, idleSince, parksAt, keepAliveUntil } = view;
  const facts: readonly (readonly [string, string | null])[] = [
    ["cluster", `${name} (${uuid}), ${clusterStatus}, ${phase}`],
    ["idle timeout", idleTimeoutMinutes === null ? "never" : `${idleTimeoutMinutes} min`],
    ["time left", renderTimeLeft(view) || null],
    ["parks at", parksAt],
    ["idle since", idleSince],
    ["kept until", keepAliveUntil],
    ["last seen", observedAt],
  ];
  const shown = facts.flatMap(([label, value]) => (value === null ? [] : [`${label.padEnd(14)}${value}`]));
  const sources = renderTable(
    ["SOURCE", "STATE", "LAST ACTIVE", "DETAIL"],
    view.sources.map(({ source, state, lastAt, detail }) => [source, state, lastAt ?? "", detail ?? ""]),
  );
  return [...shown, "", ...sources];
}
