import { parse } from "yaml";
import type { JobSchedule } from "../../../../agent/contract/job-schedule.js";
import type { DeclaredView } from "../api.js";

/** What a cluster of muster.yaml has where the file does not say: stacks/config/schema.ts. */
const DEFAULT_TYPE = "c5.xlarge";

/** The clusters of a muster.yaml, as far as they can be read. Pure. */
export function viewDeclared(text: string): DeclaredView["clusters"] {
  return list(fields(parsed(text))["clusters"]).flatMap((cluster) => {
    const { name, nodes, instanceType, idleTimeoutMinutes, notebooks, jobDefinitions } = cluster;
    if (typeof name !== "string") return [];
    return [
      {
        name,
        nodes: typeof nodes === "number" ? nodes : 0,
        instanceType: typeof instanceType === "string" ? instanceType : DEFAULT_TYPE,
        idleTimeoutMinutes: typeof idleTimeoutMinutes === "number" ? idleTimeoutMinutes : null,
        notebooks: list(notebooks).flatMap(({ name: of }) => (typeof of === "string" ? [of] : [])),
        jobDefinitions: list(jobDefinitions).flatMap(({ name: of, schedule }) =>
          typeof of === "string" ? [{ name: of, schedule: (schedule ?? null) as JobSchedule | null }] : [],
        ),
      },
    ];
  });
}

function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: "silent", merge: true });
  } catch {
    return null;
  }
}

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const list = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fields) : []);
