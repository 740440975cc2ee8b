import { parse } from "yaml";

/** What the muster.yaml where the command was typed says of org, region and cluster; null: nothing, or more than one. */
export interface Declared {
  readonly org: string | null;
  readonly region: string | null;
  readonly cluster: string | null;
}

const NOTHING: Declared = { org: null, region: null, cluster: null };

/** Of the file's text; only `cdktf` judges the whole of it, so what can't be read here says nothing. Pure. */
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

/** By the path, as the stacks find it. No file says nothing. */
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
