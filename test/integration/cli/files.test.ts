import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { buildTestBundle, type TestBundle } from "../../support/cli/bundle.js";

const HERE = ["--org", "acme", "--region", "us-east-1"];
const IN_CLUSTER = [...HERE, "--cluster", "alpha"];
const PATIENCE_MS = 20_000;

let bundle: TestBundle;
let folder: string;
const at = (name: string): string => join(folder, name);

/** A pipe that nobody writes to, and a file of 3 GiB that takes no room. */
beforeAll(async () => {
  bundle = await buildTestBundle();
  folder = await mkdtemp(join(tmpdir(), "muster-files-"));
  execFileSync("/usr/bin/mkfifo", [at("pipe")]);
  const large = await open(at("large"), "w");
  await large.truncate(3 * 1_073_741_824);
  await large.close();
  await writeFile(at("pi.py"), "print(3)\n");
  await writeFile(
    at("muster.yaml"),
    "org: {name: acme, region: us-east-1}\nclusters: [{name: alpha, nodes: 2}]\n",
  );
});
afterAll(async () => {
  await bundle?.remove();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

/** Nothing answers at this endpoint: who calls AWS fails by that. */
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const aws = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
  const { status, stderr, error } = spawnSync(
    process.execPath,
    [join(bundle.folder, "muster.cjs"), ...args],
    {
      ...{ cwd: folder, encoding: "utf8", timeout: PATIENCE_MS, killSignal: "SIGKILL" },
      env: { PATH: process.env["PATH"], HOME: folder, ...aws, ...env },
    },
  );
  return { status, stderr, isLate: error !== undefined };
};

/** How each file is given, and how what is wrong with it begins. */
const GIVEN: readonly (readonly [
  what: string,
  (path: string) => { args: string[]; env?: Readonly<Record<string, string>> },
])[] = [
  ["muster.yaml of a list", (path) => ({ args: ["job", "list"], env: { MUSTER_CONFIG: path } })],
  ["muster.yaml of a check", (path) => ({ args: ["check"], env: { MUSTER_CONFIG: path } })],
  ["muster.yaml of a cost", (path) => ({ args: ["cost", ...HERE], env: { MUSTER_CONFIG: path } })],
  [
    "muster.yaml that is to be changed",
    (path) => ({ args: ["cluster", "access", ...IN_CLUSTER, "--add-my-ip"], env: { MUSTER_CONFIG: path } }),
  ],
  ["a job's file", (path) => ({ args: ["job", "run", ...IN_CLUSTER, path] })],
  ["a key", (path) => ({ args: ["cluster", "access", ...IN_CLUSTER, "--add-key", path] })],
  ["prices", (path) => ({ args: ["cost", "--prices", path] })],
  [
    "a private key",
    (path) => {
      const of = ["--host", "git.acme.com", "--ssh-key", path, "--known-hosts", path];
      return { args: ["git-credentials", "set", ...HERE, "models", ...of] };
    },
  ],
];

function isRefused(given: (typeof GIVEN)[number][1], name: string, problem: string): void {
  const { args, env } = given(name.startsWith("/") ? name : at(name));
  const { status, stderr, isLate } = run(args, env);
  expect([isLate, status]).toEqual([false, 2]);
  expect(stderr).toContain(problem);
}

describe("what is no file of a bearable size is refused at once:", () => {
  test.each(GIVEN)("a named pipe as %s", (_what, given) =>
    isRefused(given, "pipe", "it is a named pipe, and not a file"),
  );

  // Each reads by the same function.
  describe.each(GIVEN.slice(0, 1))("as %s", (_what, given) => {
    test.each([
      ["a device", "/dev/zero", "it is a device, and not a file"],
      ["a file of 3 GiB", "large", "it has more than 1048576 bytes"],
    ])("%s", (_kind, name, problem) => isRefused(given, name, problem));
  });
});

test("what a shell has opened is read: it has a writer", () => {
  const argv = [process.execPath, join(bundle.folder, "muster.cjs"), "cluster", "access", ...IN_CLUSTER];
  const { stderr } = spawnSync(
    "bash",
    ["-c", `exec ${argv.map((word) => `'${word}'`).join(" ")} --add-key <(echo no-key)`],
    { cwd: folder, encoding: "utf8", timeout: PATIENCE_MS },
  );
  expect(stderr).toMatch(/^--add-key \/dev\/fd\/\d+: it /);
});

test("the stacks' muster.yaml and its scripts are no pipes either", () => {
  const script = `import("./stacks/config/load.ts").then(({ loadMusterConfig }) => loadMusterConfig()).catch((e) => console.log(e.message))`;
  const load = (MUSTER_CONFIG: string) =>
    spawnSync(process.execPath, ["--import", "tsx", "-e", script], {
      ...{ encoding: "utf8", timeout: PATIENCE_MS, env: { ...process.env, MUSTER_CONFIG } },
    }).stdout;
  expect(load(at("pipe"))).toContain("it is a named pipe, and not a file");
});
