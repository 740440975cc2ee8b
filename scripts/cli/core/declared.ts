import { parse } from "yaml";

/** Org, region and cluster of the muster.yaml in the current folder; null: not given, or more than one. */
export interface Declared {
  readonly org: string | null;
  readonly region: string | null;
  readonly cluster: string | null;
}

const NOTHING: Declared = { org: null, region: null, cluster: null };

/** From the file's text. Only `cdktf` checks the whole file, so parts that can't be read here are ignored. Pure. */
export function readDeclared(text: string): Declared {
  const file = fieldsOf(parsed(text));
  const org = fieldsOf(file["org"]);
  const clusters = Array.isArray(file["clusters"]) ? (file["clusters"] as readonly unknown[]) : [];
  return {
    org: textOf(org["name"]),
    region: textOf(org["region"]),
    cluster: clusters.length === 1 ? textOf(fieldsOf(clusters[0])["name"]) : null,
  };
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

function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: "silent" });
  } catch {
    return null;
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
