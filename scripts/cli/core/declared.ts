import { parse } from "yaml";
import type { AssumedRole } from "./account.js";

/** Org, region and cluster of the muster.yaml in the current folder, and the role that leads to its account; null: not given, or more than one. */
export interface Declared {
  readonly org: string | null;
  readonly region: string | null;
  readonly cluster: string | null;
  readonly role: AssumedRole | null;
}

const NOTHING: Declared = { org: null, region: null, cluster: null, role: null };

/** From the file's text. Only `cdktf` checks the whole file, so parts that can't be read here are ignored. Pure. */
export function readDeclared(text: string): Declared {
  const file = fieldsOf(parsed(text));
  const org = fieldsOf(file["org"]);
  const clusters = Array.isArray(file["clusters"]) ? (file["clusters"] as readonly unknown[]) : [];
  return {
    org: textOf(org["name"]),
    region: textOf(org["region"]),
    cluster: clusters.length === 1 ? textOf(fieldsOf(clusters[0])["name"]) : null,
    role: roleOf(fieldsOf(file["account"])),
  };
}

function roleOf(account: Readonly<Record<string, unknown>>): AssumedRole | null {
  const roleArn = textOf(account["roleArn"]);
  if (roleArn === null) return null;
  return { roleArn, externalId: textOf(account["externalId"]), stsRegion: textOf(account["region"]) };
}

/** From the file at the path that the stacks use; all null if there is no file. */
export function findDeclared(
  readFile: (path: string) => Uint8Array,
  env: Readonly<Record<string, string | undefined>>,
): Declared {
  try {
    return readDeclared(Buffer.from(readFile(env["MUSTER_CONFIG"] ?? "muster.yaml")).toString("utf8"));
  } catch {
    return NOTHING;
  }
}

/** A cluster that muster.yaml declares. */
export interface DeclaredCluster {
  readonly name: string;
  /** Whether it is made for one job. */
  readonly isDedicated: boolean;
}

/** The org that the file declares, and its clusters; null: it can't be read. Only `cdktf` checks the rest. Pure. */
export function readDeclaredClusters(
  text: string,
): { readonly org: string; readonly clusters: readonly DeclaredCluster[] } | null {
  const file = fieldsOf(parsed(text));
  const org = textOf(fieldsOf(file["org"])["name"]);
  const clusters = file["clusters"] ?? [];
  if (org === null || !Array.isArray(clusters)) return null;
  return {
    org,
    clusters: (clusters as readonly unknown[]).map(fieldsOf).flatMap(({ name, dedicated }) => {
      const known = textOf(name);
      return known === null ? [] : [{ name: known, isDedicated: dedicated === true }];
    }),
  };
}

/** As YAML; null where it is none. Pure. */
export function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: "silent", merge: true });
  } catch {
    return null;
  }
}

/** An object's fields; of anything else, none. Pure. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
/** A text that is not empty, or null. Pure. */
export const textOf = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : null;
