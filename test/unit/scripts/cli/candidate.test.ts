import { describe, expect, test } from "@jest/globals";
import { TAG } from "../../../../agent/contract/names.js";
import { type Candidate, ofOrg } from "../../../../scripts/cli/leftovers/candidate.js";

const thing = (id: string, more: Partial<Candidate> = {}): Candidate => ({
  kind: "thing",
  id,
  status: "live",
  ...more,
});
const tagged = (org: string) => ({ tags: { [TAG.ORG]: org, Name: "x" } });

describe("what is an org's", () => {
  test.each([
    ["its tag", thing("vpc-1", tagged("acme")), true],
    ["another org's tag", thing("vpc-1", tagged("other")), false],
    ["another org's tag, though the name fits", thing("muster-acme-registry", tagged("acme-2")), false],
    ["no tags at all, and its name", thing("muster-acme-registry"), true],
    ["other tags, and its name", thing("x", { name: "muster-acme", tags: { Name: "x" } }), true],
    ["a name of another org that begins alike", thing("muster-acmes-registry"), false],
    ["its path", thing("/muster/acme/clusters/1/secret"), true],
    ["its alias", thing("alias/muster-acme"), true],
    ["neither tag nor name", thing("vpc-1"), false],
  ])("by %s", (_, candidate, isOwn) => {
    expect(ofOrg([candidate], "acme")).toEqual(isOwn ? [candidate] : []);
  });

  test("what is part of something of its, at any depth and in any order", () => {
    const volume = thing("vol-1", { within: ["i-1"] });
    const instance = thing("i-1", { within: ["vpc-1"], status: "gone" });
    const vpc = thing("vpc-1", tagged("acme"));
    const foreign = thing("vol-2", { within: ["i-2"] });
    expect(ofOrg([volume, instance, foreign, vpc], "acme")).toEqual([volume, instance, vpc]);
  });
});
