import { parseDocument } from "yaml";
import type { AssumedRole } from "./account.js";

/** Org, region and cluster of the muster.yaml in the current folder, and the role that leads to its account; null: not given, or more than one. */
export interface Declared {
  readonly org: string | null;
  readonly region: string | null;
  readonly cluster: string | null;
  readonly role: AssumedRole | null;
  /** Why the file can't be read or is no YAML, so that nothing of it counts; null: it is, or there is no file. */
  readonly problem: string | null;
}

const NOTHING: Declared = { org: null, region: null, cluster: null, role: null, problem: null };

/** From the file's text. Only `cdktf` checks the whole file, so parts that can't be read here are ignored. Pure. */
export function readDeclared(text: string): Declared {
  const { value, problem } = readYaml(text);
  const file = fieldsOf(value);
  const org = fieldsOf(file["org"]);
  const clusters = Array.isArray(file["clusters"]) ? (file["clusters"] as readonly unknown[]) : [];
  return {
    org: textOf(org["name"]),
    region: textOf(org["region"]),
    cluster: clusters.length === 1 ? textOf(fieldsOf(clusters[0])["name"]) : null,
    role: roleOf(fieldsOf(file["account"])),
    problem,
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
  const path = env["MUSTER_CONFIG"] ?? "muster.yaml";
  try {
    const declared = readDeclared(Buffer.from(readFile(path)).toString("utf8"));
    return { ...declared, problem: declared.problem && `${path} is no YAML: ${declared.problem}` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? NOTHING : { ...NOTHING, problem: `${path} can't be read: ${message}` };
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
export const parsed = (text: string): unknown => readYaml(text).value;

/**
 * As YAML, or why it is none. A text with errors gives nothing: what a parser makes of two `org` keys, or of a merge's conflict, is a guess, and a
 * command would act on it. Pure.
 */
function readYaml(text: string): { readonly value: unknown; readonly problem: string | null } {
  const document = parseDocument(text, { logLevel: "error", merge: true });
  const [error] = document.errors;
  if (error !== undefined) return { value: null, problem: firstLine(error.message) };
  try {
    return { value: document.toJS(), problem: null };
  } catch (thrown) {
    return { value: null, problem: firstLine((thrown as Error).message) };
  }
}

const firstLine = (message: string): string => (message.split("\n", 1)[0] ?? "").replace(/[:.]$/, "");

/** An object's fields; of anything else, none. Pure. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
/** A text that is not empty, or null. Pure. */
export const textOf = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : null;
