import { expect, test } from "@jest/globals";
import { renderHostfile } from "../../../../agent/head/hostfile.js";

test("one line per node, sorted by address as a number", () => {
  const nodes = ["10.0.1.2", "10.0.0.10", "9.255.255.255", "10.0.0.9"].map((address) => ({
    address,
    cores: 2,
  }));
  expect(renderHostfile(nodes)).toBe("9.255.255.255:2\n10.0.0.9:2\n10.0.0.10:2\n10.0.1.2:2\n");
});

test("no node gives no hostfile, never an empty one", () => {
  expect(renderHostfile([])).toBeNull();
});
