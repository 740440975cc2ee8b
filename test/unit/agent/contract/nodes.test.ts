import { expect, test } from "@jest/globals";
import { compareAddresses } from "../../../../agent/contract/nodes.js";

test("addresses are in the order of their numbers, the first of which counts most", () => {
  const inOrder = ["9.255.255.255", "10.0.0.9", "10.0.0.10", "10.0.2.1", "10.1.0.0", "192.168.0.0"];
  expect(inOrder.toReversed().sort(compareAddresses)).toEqual(inOrder);
  expect(compareAddresses("10.0.0.9", "10.0.0.9")).toBe(0);
});
