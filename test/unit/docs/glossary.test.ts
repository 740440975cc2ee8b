import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";

const ROOT = resolve(__dirname, "../../..");
const CONTRACT = join(ROOT, "agent/contract");
const glossary = readFileSync(join(ROOT, "docs/guides/glossary.md"), "utf8");

/** The glossary's part for each list of words that the contract exports. */
const PARTS: Readonly<Record<string, string>> = {
  CLUSTER_STATUSES: "Cluster statuses",
  CLUSTER_PHASES: "Cluster phases",
  ACTIVITY_SOURCE_NAMES: "Activity sources",
  FILES_STATES: "File states",
  NODE_KINDS: "Node kinds",
  NODE_STATES: "Node states",
  JOB_STATUSES: "Job statuses",
  JOB_PHASES: "Job phases",
  RETRY_CAUSES: "Retry causes",
  LOG_STATES: "Log states",
  BUSY_POLICIES: "Busy policies",
  RANK_FAILURE_POLICIES: "Rank failure policies",
  BAD_NODE_POLICIES: "Bad node policies",
  RUN_POLICIES: "Run policies",
  RUNTIMES: "Runtimes",
  OVERLAP_POLICIES: "Overlap policies",
  ROLES: "Roles",
  EVENT_CODES: "Events",
  USAGE_ENDS: "Usage ends",
  PREFLIGHT_CHECKS: "Preflight checks",
  FINDING_KINDS: "Finding kinds",
  STATUS_SOURCES: "Status sources",
  NOTEBOOK_STATUSES: "Notebook statuses",
  NOTEBOOK_PHASES: "Notebook phases",
  BUILD_PHASES: "Build phases",
  SHARE_STATUSES: "Share statuses",
};
/** Lists that are not words for people, or are a part of another list. */
const NO_WORDS = [
  ...["QUEUE_ATTRIBUTES", "JOB_STATE_ATTRIBUTES", "DEFINITION_STATE_ATTRIBUTES"],
  ...["LISTED_STATUSES", "USAGE_GROUPS"],
];

/** Every list of texts that a file of the contract exports, by its name. */
function exportedLists(): readonly (readonly [string, readonly string[]])[] {
  const ofImages = readdirSync(join(CONTRACT, "image")).map((file) => join("image", file));
  const files = [...readdirSync(CONTRACT), ...ofImages].filter((file) => file.endsWith(".ts"));
  return files.flatMap((file) =>
    Object.entries(require(join(CONTRACT, file)) as Record<string, unknown>).flatMap(([name, value]) =>
      Array.isArray(value) && value.every((word) => typeof word === "string") && !NO_WORDS.includes(name)
        ? [[name, value] as const]
        : [],
    ),
  );
}

/** The words that a part explains: `- `NEW`: ...`. */
function wordsOf(part: string): readonly string[] {
  const [, text = ""] = glossary.split(`### ${part}\n`);
  const [own = ""] = text.split(/^##/m);
  return [...own.matchAll(/^- `([^`]+)`: \S/gm)].map(([, word]) => word ?? "");
}

describe("the glossary", () => {
  const lists = exportedLists();

  test("is compared with what the contract has", () => {
    expect(lists.map(([name]) => name)).toEqual(expect.arrayContaining(["JOB_STATUSES", "NODE_STATES"]));
  });

  test.each(lists)("explains each word of %s, and no other", (name, words) => {
    const part = PARTS[name];
    if (part === undefined)
      throw new Error(`${name} has no part in the glossary: write one, and add it to PARTS`);
    expect([...wordsOf(part)].sort()).toEqual([...words].sort());
  });

  test("explains the three kinds of nodes", () => {
    expect(wordsOf("Node kinds")).toEqual(["worker", "notebook", "builder"]);
  });

  test("explains each word once", () => {
    const words = [...glossary.matchAll(/^- \*\*([^*]+)\*\*: \S/gm)].map(([, word]) => word);
    expect(words.length).toBeGreaterThan(50);
    expect(new Set(words).size).toBe(words.length);
  });
});
