import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ProxyProcesses } from "../../../../agent/launcher/launches.js";
import { createProxyProcesses } from "../../../../agent/system/proxy-processes.js";
import { type TestCgroups, testCgroups } from "../../../support/agent/cgroups.js";
import { JOB_USER, temporaryFolder } from "../../../support/agent/job-user.js";

let own: TestCgroups;
let root: Awaited<ReturnType<typeof temporaryFolder>>;
let proxies: ProxyProcesses;
const folder = (name: string): string => join(root.path, name);
const openProxies = (ready = 0) =>
  createProxyProcesses(
    own.cgroups,
    { name: "muster", home: "/home/muster", ...JOB_USER },
    { records: folder("records"), outputs: folder("outputs"), ready },
  );
beforeEach(async () => {
  own = await testCgroups();
  root = await temporaryFolder();
  proxies = openProxies();
});
afterEach(async () => {
  await own.remove();
  await root.remove();
});

/** Runs a shell script in a proxy's place, to its end. */
async function runToEnd(id: string, script: string): Promise<number> {
  let onExit: (exitCode: number) => void = () => {};
  const exit = new Promise<number>((resolve) => {
    onExit = resolve;
  });
  await proxies.start(id, ["/bin/sh", "-c", script], onExit);
  return exit;
}

describe("what a proxy prints", () => {
  test("is given by its end alone, however much it is", async () => {
    expect(await runToEnd("a", "yes hostile | head -c 3000000; echo the end; exit 7")).toBe(7);
    const output = await proxies.output("a");
    expect(output.length).toBeLessThanOrEqual(4_096);
    expect(output).toMatch(/hostile\nthe end$/);
  });

  test("is not where the node's records are, and goes with the launch", async () => {
    await runToEnd("a", "echo hello");
    expect(await readdir(folder("records"))).toEqual(["a.json"]);
    expect(await readdir(folder("outputs"))).toEqual(["a.log"]);
    await proxies.forget("a");
    expect(await readdir(folder("outputs"))).toEqual([]);
    expect(await proxies.output("a")).toBe("");
  });

  test("is removed by the next agent where nothing remembers the launch", async () => {
    await runToEnd("a", "echo hello");
    await writeFile(join(folder("outputs"), "of-an-earlier-boot.log"), "old");
    expect((await proxies.known()).map(({ id }) => id)).toEqual(["a"]);
    expect(await readdir(folder("outputs"))).toEqual(["a.log"]);
  });
});
