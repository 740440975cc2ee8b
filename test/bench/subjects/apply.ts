import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { startEmulator } from "../../support/emulator.js";
import { createOrg } from "../../support/provider/org.js";
import { type Apply, type Load, measureApply } from "../apply.js";
import { renderApplies } from "../report.js";
import type { BenchSetting, BenchSubject } from "../subject.js";
import { MUSTER, requiring } from "../terraform.js";

const ORG = "bench";
const LOADS: readonly Load[] = [
  {
    name: "muster_cluster",
    hcl: (count) =>
      `${requiring(MUSTER)}provider "muster" {\n  org = "${ORG}"\n}\nresource "muster_cluster" "it" {\n  count = ${count}\n  name  = "bench-\${count.index}"\n}\n`,
  },
  {
    name: "terraform_data",
    hcl: (count) =>
      `resource "terraform_data" "it" {\n  count = ${count}\n  input = "bench-\${count.index}"\n}\n`,
  },
];

/** Terraform's plan and apply of so many of our clusters beside as many terraform_data, on the emulator. */
export const applySubject = (counts: readonly number[]): BenchSubject => ({
  name: "apply",
  async measure(setting) {
    const applies = counts.length === 0 ? [] : await measureApplies(counts, setting);
    return { text: applies.length === 0 ? "" : renderApplies(applies), json: { applies }, missed: [] };
  },
});

async function measureApplies(
  counts: readonly number[],
  { work, ready }: BenchSetting,
): Promise<readonly Apply[]> {
  const emulator = await startEmulator();
  const applies: Apply[] = [];
  try {
    await createOrg(emulator, ORG);
    const programs = { ...process.env, ...ready.env, ...emulator.env };
    // Not counted: the emulator takes a second over the first call of each service.
    for (const load of LOADS) {
      await measureApply(load, 1, { work: await mkdtemp(join(work, "warm-up-")), env: programs });
    }
    for (const count of counts) {
      for (const load of LOADS) applies.push(await measureApply(load, count, { work, env: programs }));
    }
  } finally {
    await emulator.stop();
  }
  return applies;
}
