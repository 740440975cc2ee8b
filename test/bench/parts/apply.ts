import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { startEmulator } from "../../support/emulator.js";
import { createOrg } from "../../support/provider/org.js";
import { type Apply, type Load, measureApply } from "../apply/measure.js";
import type { BenchPart } from "../part.js";
import { MUSTER, requiring } from "../provider/terraform.js";
import { type Measured, timesAtMost } from "../row.js";

const oursIn = (org: string): Load => ({
  name: "muster_cluster",
  hcl: (count, prefix) =>
    `${requiring(MUSTER)}provider "muster" {\n  org = "${org}"\n}\nresource "muster_cluster" "it" {\n  count = ${count}\n  name  = "${prefix}-\${count.index}"\n}\n`,
});
const PEER: Load = {
  name: "terraform_data",
  hcl: (count, prefix) =>
    `resource "terraform_data" "it" {\n  count = ${count}\n  input = "${prefix}-\${count.index}"\n}\n`,
};

/** Terraform's plan and apply of so many of our clusters beside as many terraform_data, on the emulator. */
export const applyPart: BenchPart = {
  name: "apply",
  needs: "anything",
  async measure({ work, ready, sizes, say }) {
    const emulator = await startEmulator();
    try {
      await createOrg(emulator, "warm-up");
      const env = { ...process.env, ...ready.env, ...emulator.env };
      // Not counted: the emulator takes a second over the first call of each service.
      await measureApply(oursIn("warm-up"), 1, {
        work: await mkdtemp(join(work, "warm-up-")),
        env,
        prefix: "warm-up",
      });
      const rows: Measured[] = [];
      for (const count of sizes.applies) {
        say(`apply: ${count} of each`);
        const peer = await measureApply(PEER, count, { work, env });
        // Of its own: what an org has already is read too.
        await createOrg(emulator, `of-${count}`);
        const before = emulator.spent();
        const ours = await measureApply(oursIn(`of-${count}`), count, { work, env });
        const { calls, ms } = emulator.spent();
        const spent = { calls: calls - before.calls, seconds: (ms - before.ms) / 1_000 };
        rows.push(...applyRows({ ours, peer, spent }));
      }
      return rows;
    } finally {
      await emulator.stop();
    }
  },
};

/** Terraform does so much at a time. */
const AT_ONCE = 10;

/** A cluster is an item and a parameter. */
const CALLS_EACH = 2;
/** For a plan and an apply of any size: what there is already is listed once. */
const CALLS_ONCE = 20;

/** `spent`: our calls of AWS, and all that the emulator has taken over them, one after the other. */
export function applyRows({
  ours,
  peer,
  spent,
}: {
  readonly ours: Apply;
  readonly peer: Apply;
  readonly spent: { readonly calls: number; readonly seconds: number };
}): readonly Measured[] {
  const { count } = ours;
  const beside = (value: number) => ({ name: peer.name, value });
  const limit = {
    name: `2x ${peer.name} + AWS's calls`,
    value: 2 * peer.applySeconds + spent.seconds / AT_ONCE,
  };
  const fewCalls = {
    name: `${CALLS_EACH} for each + ${CALLS_ONCE}`,
    value: CALLS_EACH * count + CALLS_ONCE,
  };
  return [
    { what: `plan of ${count}`, unit: "s", ours: ours.planSeconds, beside: beside(peer.planSeconds) },
    { what: `apply of ${count}`, unit: "s", ours: ours.applySeconds, beside: beside(peer.applySeconds) },
    { what: `apply of ${count}`, unit: "s", ours: ours.applySeconds, beside: limit, goal: timesAtMost(1) },
    {
      what: `calls of AWS for ${count}`,
      unit: "",
      ours: spent.calls,
      beside: fewCalls,
      goal: timesAtMost(1),
    },
  ];
}
