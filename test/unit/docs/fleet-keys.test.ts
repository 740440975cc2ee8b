import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ClusterSettings, MusterFile } from "../../../stacks/config/schema.js";

const guide = readFileSync(resolve(__dirname, "../../../docs/guides/fleets.md"), "utf8");
/** They have another guide, which the page names, or are no option. */
const ELSEWHERE = [
  "name",
  "orgFolder",
  "jobRoleArn",
  "sourceBuckets",
  "gitCredentials",
  "access",
  "httpProbes",
  "idleTimeoutMinutes",
  "countSshSessions",
  "resumeOnJob",
  "shareWithNotebooks",
  "replacement",
  "budget",
];

/** The keys in the first column of the table under a heading or behind a title. */
function keysOf(title: string): string[] {
  const after = guide.slice(guide.indexOf(title));
  const table = after.slice(after.indexOf("|---")).split("\n\n")[0] ?? "";
  return [...table.matchAll(/^\| `(\w+)` /gm)].map(([, key = ""]) => key).sort();
}

describe("the guide to fleets has each key, and no other", () => {
  test.each([
    ["a cluster", "## A cluster's keys", ClusterSettings.properties],
    ["org.network", "Key of `org.network`", MusterFile.properties.org.properties.network.properties],
    ["org.logs", "Key of `org.logs`", MusterFile.properties.org.properties.logs.properties],
  ])("of %s", (_name, title, properties) => {
    const known = Object.keys(properties).filter((key) => !ELSEWHERE.includes(key));
    expect(keysOf(title)).toEqual(known.sort());
  });

  test("within a cluster's", () => {
    const { rootVolume, bootScript, proxy, monitoring } = ClusterSettings.properties;
    const inner = [rootVolume, bootScript, proxy, monitoring, monitoring.properties.alarms];
    for (const key of inner.flatMap(({ properties }) => Object.keys(properties)))
      expect(guide).toContain(`\`${key}\``);
  });
});
