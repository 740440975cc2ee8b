import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { parse, stringify } from "yaml";
import { parseMusterConfig } from "../../../stacks/config/load.js";
import { trackedFiles } from "../../support/docs/import-graph.js";

/** The keys that begin a part of a muster.yaml; what else is in YAML is a pipeline's. */
const OWN = ["account", "clusters", "images", "org", "preflight", "state"];
const WHOLE = { org: { name: "demo", region: "us-east-1" }, clusters: [] };
/** Names that stand for what a reader has. */
const FILES = () => Buffer.from("#!/bin/sh\ntrue\n");

const blocks = trackedFiles("README.md", "docs/guides")
  .filter((file) => file.endsWith(".md"))
  .flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/^ *```yaml\n([\s\S]*?)^ *```$/gm)].map(
      ([, text = ""], index) => [`${page}, block ${index + 1}`, text] as const,
    ),
  )
  .filter(([, text]) => OWN.some((key) => Object.hasOwn(parse(text) as object, key)));

/** A block as a whole file: a page shows the part that it is about, and the rest is as elsewhere. */
function wholeOf(text: string): string {
  const { clusters, ...rest } = parse(text) as { clusters?: object[]; org?: object };
  const org = { ...WHOLE.org, ...rest.org };
  const whole = (clusters ?? []).map((cluster) => ({ name: "alpha", nodes: 2, ...cluster }));
  return stringify({ ...WHOLE, ...rest, org, clusters: whole });
}

describe("what guides show of muster.yaml", () => {
  test("is found", () => expect(blocks.length).toBeGreaterThan(12));

  test.each(blocks)("%s is accepted", (_where, text) => {
    expect(() => parseMusterConfig(wholeOf(text), "/project/muster.yaml", FILES)).not.toThrow();
  });

  test("with a key that there is not is refused", () => {
    expect(() =>
      parseMusterConfig(wholeOf("clusters: [{ colour: red }]"), "/project/muster.yaml", FILES),
    ).toThrow("colour");
  });
});
