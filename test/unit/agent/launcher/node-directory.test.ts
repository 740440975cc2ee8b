import { expect, test } from "@jest/globals";
import { createNodeDirectory } from "../../../../agent/launcher/node-directory.js";
import { nodeSummary } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";

test("nodes of META are known; a miss is looked up again after a second, a hit after ten", async () => {
  const clock = manualClock();
  let reads = 0;
  let nodes = [nodeSummary("i-a")];
  const isNode = createNodeDirectory(async () => {
    reads += 1;
    return { nodes };
  }, clock);

  expect(await Promise.all([isNode("10.0.0.1"), isNode("10.0.0.2")])).toEqual([true, false]);
  expect(reads).toBe(1);
  nodes = [nodeSummary("i-b", { address: "10.0.0.2" })];
  expect(await isNode("10.0.0.2")).toBe(false);
  clock.advance(1_000);
  expect(await isNode("10.0.0.2")).toBe(true);
  expect(await isNode("10.0.0.1")).toBe(false);
  clock.advance(9_999);
  expect(await isNode("10.0.0.2")).toBe(true);
  expect(reads).toBe(2);
});

test("a cluster that is gone has no nodes, and a registry that fails is asked again", async () => {
  expect(await createNodeDirectory(async () => null, manualClock())("10.0.0.1")).toBe(false);
  let isDown = true;
  const isNode = createNodeDirectory(async () => {
    if (isDown) throw new Error("down");
    return { nodes: [nodeSummary("i-a")] };
  }, manualClock());
  await expect(isNode("10.0.0.1")).rejects.toThrow("down");
  isDown = false;
  expect(await isNode("10.0.0.1")).toBe(true);
});
