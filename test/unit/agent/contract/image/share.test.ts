import { expect, test } from "@jest/globals";
import { type RegionFacts, type Share, shareOf } from "../../../../../agent/contract/image/share.js";

const ACCOUNT = "222222222222";
const ami = (change: Partial<NonNullable<RegionFacts["ami"]>> = {}) => ({
  state: "available",
  stateReason: null,
  launchableBy: [ACCOUNT],
  readableBy: [ACCOUNT],
  ...change,
});
const failed = (reason: string): Share => ({ status: "FAILED", reason });
const PENDING: Share = { status: "PENDING", reason: null };

test.each<[string, RegionFacts, Share]>([
  ["the region has no AMI yet", { ami: null, failure: null }, PENDING],
  ["the copy was refused", { ami: null, failure: "OptInRequired" }, failed("OptInRequired")],
  ["the AMI is being made", { ami: ami({ state: "pending" }), failure: null }, PENDING],
  [
    "EC2 could not make it",
    { ami: ami({ state: "failed", stateReason: "no such key" }), failure: null },
    failed("the AMI is failed: no such key"),
  ],
  ["it is there and shared", { ami: ami(), failure: null }, { status: "SHARED", reason: null }],
  [
    "it is shared, whatever failed before",
    { ami: ami(), failure: "Throttled" },
    { status: "SHARED", reason: null },
  ],
  ["it is not shared yet", { ami: ami({ launchableBy: [], readableBy: [] }), failure: null }, PENDING],
  [
    "sharing was refused",
    { ami: ami({ launchableBy: [] }), failure: "no such account" },
    failed("no such account"),
  ],
  [
    "its snapshots are not",
    { ami: ami({ readableBy: [] }), failure: null },
    failed("the account may launch the AMI, but not read its snapshots"),
  ],
])("%s", (_, facts, share) => {
  expect(shareOf(facts, ACCOUNT)).toEqual(share);
});
