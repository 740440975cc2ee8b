import { describe, expect, test } from "@jest/globals";
import type { Observation } from "../../../../agent/contract/writes/cluster.js";
import { type RestingCluster, restingCluster } from "../../../../agent/head/resting-cluster.js";
import { REST_AFTER_MS } from "../../../../agent/time/resting.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";

const OBSERVATION = {} as Observation;
const unused = async (): Promise<never> => {
  throw new Error("not asked for");
};

/** A cluster that has been at rest for more than a minute: the last look has read nothing. */
async function atRest(): Promise<{ cluster: RestingCluster; calls: string[] }> {
  let nowMs = 0;
  const calls: string[] = [];
  const noted = (name: string) => async () => {
    calls.push(name);
    return true;
  };
  const cluster = restingCluster(
    {
      async readCluster() {
        calls.push("read");
        return clusterItem();
      },
      writeObservation: noted("observe"),
      noteReplacements: noted("replacements"),
      noteFiles: noted("files"),
      ...{ readNodes: unused, reportNode: unused, forgetNode: unused, recordUsage: unused },
    },
    { monotonicMs: () => nowMs },
  );
  await cluster.store.readCluster();
  nowMs = REST_AFTER_MS + 10_000;
  await cluster.store.readCluster();
  nowMs += 1_000;
  calls.length = 0;
  await cluster.store.readCluster();
  expect(calls).toEqual([]);
  return { cluster, calls };
}

describe("a head of a cluster at rest", () => {
  test("writes nothing that it has concluded from a META of before, and reads META at its next look", async () => {
    const { cluster, calls } = await atRest();
    expect(await cluster.store.writeObservation(OBSERVATION)).toBe(false);
    await cluster.store.readCluster();
    expect(await cluster.store.writeObservation(OBSERVATION)).toBe(true);
    expect(calls).toEqual(["read", "observe"]);
  });

  test.each<[string, (cluster: RestingCluster) => unknown, string[]]>([
    ["a wake", ({ wake }) => wake(), []],
    [
      "it has noted replacements",
      ({ store }) => store.noteReplacements(1, { replacements: [], protectedSince: null }),
      ["replacements"],
    ],
    [
      "it has noted files",
      ({ store }) => store.noteFiles(1, { files: "emptied", filesReasonCode: null, filesReason: null }),
      ["files"],
    ],
  ])("reads META at its next look after %s", async (_name, act, before) => {
    const { cluster, calls } = await atRest();
    await act(cluster);
    await cluster.store.readCluster();
    expect(calls).toEqual([...before, "read"]);
  });
});
