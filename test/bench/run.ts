import { cpus, loadavg, totalmem } from "node:os";
import type { BenchPart, BenchSetting } from "./part.js";
import type { Measured, Row } from "./row.js";
import { type Machine, type PartRun, type Report, renderRow } from "./table.js";

/** Runs the parts, one after the other, and says each one's rows when it is over. One that fails, or that this machine can't run, is left out; the others go on. */
export async function runParts(
  parts: readonly BenchPart[],
  setting: BenchSetting,
  { isSmall }: { readonly isSmall: boolean },
): Promise<Report> {
  const at = new Date();
  const rows: Row[] = [];
  const runs: PartRun[] = [];
  for (const { name, needs, measure } of parts) {
    setting.say(`${name} begins`);
    const loadBefore = loadavg()[0] ?? Number.NaN;
    const startedAtMs = performance.now();
    const { measured, leftOut } = await measureOrSay(needs, () => measure(setting));
    if (leftOut !== null) setting.say(`${name} is left out: ${leftOut}`);
    const found = measured.map((row) => ({ part: name, ...row }));
    for (const row of found) setting.say(`${name}: ${renderRow(row)}`);
    rows.push(...found);
    const seconds = (performance.now() - startedAtMs) / 1_000;
    runs.push({ part: name, seconds, loadBefore, leftOut });
  }
  return { machine: thisMachine(), at, isSmall, parts: runs, rows };
}

async function measureOrSay(
  needs: BenchPart["needs"],
  measure: () => Promise<readonly Measured[]>,
): Promise<{ readonly measured: readonly Measured[] } & Pick<PartRun, "leftOut">> {
  if (needs !== "anything" && process.platform !== "linux")
    return { measured: [], leftOut: "it needs Linux" };
  if (needs === "root" && process.getuid?.() !== 0)
    return { measured: [], leftOut: "it needs root on Linux, for local nodes" };
  try {
    return { measured: await measure(), leftOut: null };
  } catch (error) {
    return { measured: [], leftOut: (error as Error).message };
  }
}

const GIB = 1_073_741_824;

const thisMachine = (): Machine => ({
  cores: cpus().length,
  memoryGib: Math.round(totalmem() / GIB),
  processor: cpus()[0]?.model ?? "unknown",
  node: process.version,
});
