import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { clusterItem } from "../../support/agent/cluster-item.js";
import { copyCheckout, type TestCheckout } from "../../support/cli/checkout.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { createOrg } from "../../support/provider/org.js";

const UUID = "0b9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e";

let emulator: TestEmulator;
let checkout: TestCheckout;
beforeAll(async () => {
  [emulator, checkout] = await Promise.all([startEmulator(), copyCheckout()]);
  const org = await createOrg(emulator, "acme");
  await org.setCluster(UUID, clusterItem({ uuid: UUID, name: "alpha" }));
});
afterAll(async () => {
  await emulator?.stop();
  await checkout?.remove();
});

/** One checkout in the order of its life: not built, built by its owner, used by someone else. */
test("./scripts/muster, which is not built, says who can build it to a user who can't", async () => {
  const { status, stdout, stderr } = await checkout.musterUnprivileged(["--help"]);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(
    /^muster: dist\/cli\/muster\.cjs is not there, and you may not write to \/.*\/project\. `npm ci && npm run build` in \/.*\/project, as the user who owns it, makes it\.\n$/,
  );
});

test("./scripts/muster builds for the checkout's owner, from another working directory and without a HOME to write to", async () => {
  const { status, stdout, stderr } = await checkout.musterAsOwner(["--help"]);
  expect(stdout).toContain("Usage: muster ");
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringMatching(/^cli: .*muster\.cjs .*\n$/),
  });
});

test("./scripts/muster serves a user without any rights: help, and the clusters of an endpoint", async () => {
  const help = await checkout.musterUnprivileged(["--help"]);
  expect(help).toEqual({ status: 0, stdout: expect.stringContaining("Usage: muster "), stderr: "" });
  const list = await checkout.musterUnprivileged(["cluster", "list", "--org", "acme"], emulator.env);
  expect(list).toMatchObject({ status: 0, stdout: expect.stringMatching(/^CLUSTER .*\nalpha /), stderr: "" });
});
