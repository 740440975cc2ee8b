import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Errands } from "../../../../agent/system/errands.js";
import { fleetProbes } from "../../../../agent/system/fleet-checks.js";

const saying = (text: string): Pick<Errands, "run"> => ({ run: async () => Buffer.from(text) });
const silent: Pick<Errands, "run"> = {
  run: async () => {
    throw new Error("no errand is needed");
  },
};
const names = (config: Parameters<typeof fleetProbes>[0]) =>
  fleetProbes(config, silent).map(({ name }) => name);

test("there is a probe for what the fleet promises, and no other", () => {
  expect(names({})).toEqual([]);
  expect(names({ efa: false })).toEqual([]);
  expect(names({ efa: true })).toEqual(["efa"]);
  expect(names({ efa: true, bootScript: { timeoutMinutes: 5 } })).toEqual(["boot-script", "efa"]);
});

describe("efa", () => {
  const check = (said: string) =>
    fleetProbes({ efa: true }, saying(said))[0]?.check(AbortSignal.timeout(1_000));

  test("passes where the libfabric of jobs finds one", async () => {
    await expect(check("provider: efa\n")).resolves.toBeUndefined();
  });

  test.each([
    [
      "fi_getinfo: -61 (No data available)\n",
      /finds no Elastic Fabric Adapter \(fi_getinfo: -61 \(No data available\)\): the instance type/,
    ],
    ["", /\(it says nothing\)/],
    ["provider: tcp\n", /\(provider: tcp\)/],
  ])("fails with %j, and says so", async (said, message) => {
    await expect(check(said)).rejects.toThrow(message);
  });

  test("looks as the job user, at Intel MPI's own libfabric", async () => {
    const runs: { script: string; parameters: readonly string[] }[] = [];
    const errands: Pick<Errands, "run"> = {
      run: async (errand) => {
        runs.push(errand);
        return Buffer.from("provider: efa");
      },
    };
    await fleetProbes({ efa: true }, errands)[0]?.check(AbortSignal.timeout(1_000));
    expect(runs).toMatchObject([{ parameters: ["/usr/lib/muster/intel-mpi"] }]);
    expect(runs[0]?.script).toMatch(/"\$1\/bin\/fi_info" -p efa/);
  });
});

describe("boot-script", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "boot-script-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const left = (status: string, output?: string) => {
    writeFileSync(path.join(folder, "status"), `${status}\n`);
    if (output !== undefined) writeFileSync(path.join(folder, "output"), output);
  };
  const check = () =>
    fleetProbes({ bootScript: { timeoutMinutes: 3 } }, silent, folder)[0]?.check(AbortSignal.timeout(1_000));

  test("passes where it has ended well", async () => {
    left("0", "all done\n");
    await expect(check()).resolves.toBeUndefined();
  });

  test.each([
    ["3", "one\nno such package\n", /^the boot script ended with exit status 3: no such package$/],
    ["1", "", /^the boot script ended with exit status 1$/],
    ["124", "still waiting\n", /^the boot script was ended after 3 minutes: still waiting$/],
    ["137", `${"x".repeat(100_000)}\nthe end`, /^the boot script was ended after 3 minutes: the end$/],
  ])("fails with exit status %s, and says its last line", async (status, output, message) => {
    left(status, output);
    await expect(check()).rejects.toThrow(message);
  });

  test("fails where it left nothing", async () => {
    await expect(check()).rejects.toThrow(/has not run/);
  });
});
