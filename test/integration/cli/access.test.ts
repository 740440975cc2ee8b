import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createClusterStore } from "../../../agent/aws/cluster-store.js";
import { openTable } from "../../../agent/aws/table.js";
import { nodeSummary, observedCluster } from "../../support/agent/cluster-item.js";
import { buildTestBundle, type TestBundle } from "../../support/cli/bundle.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { createOrg } from "../../support/provider/org.js";

const ALPHA = "0b9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e";
const KEY = `ssh-ed25519 ${"A".repeat(68)}`;

let emulator: TestEmulator;
let bundle: TestBundle;
let folder: string;
let service: Server;
let reply: { status: number; text: string };
beforeAll(async () => {
  [emulator, bundle] = await Promise.all([startEmulator(), buildTestBundle()]);
  folder = await mkdtemp(join(tmpdir(), "muster-access-test-"));
  const org = await createOrg(emulator, "acme");
  await org.setCluster(
    ALPHA,
    observedCluster({
      ...{
        uuid: ALPHA,
        name: "alpha",
        clusterStatus: "FINISHED",
        phase: "ready",
        hostfileNodes: 1,
        cores: 2,
      },
      nodes: [nodeSummary("i-1")],
    }),
  );
  Object.assign(process.env, emulator.env);
  const store = createClusterStore(openTable("acme", ALPHA, "us-east-1"));
  await store.registerNode({
    ...{ instanceId: "i-1", address: "10.0.0.1", hostname: "ip-1", cores: 2, kind: "worker" },
    ...{ instanceType: "c5.large", zone: "us-east-1a", imageId: "ami-1", agentVersion: "1", bootId: "b" },
    ...{ startedAt: "2026-01-01T00:00:00.000Z", publicAddress: "54.0.0.1", sshHostKeys: [KEY] },
  });
  // ssh, as far as this command is concerned: it shows its words and the file that it is to know the node by.
  await writeFile(
    join(folder, "ssh"),
    `#!/bin/sh
for word; do case $word in UserKnownHostsFile=*) file=$(printf %s "$word" | cut -d '"' -f 2) ;; esac; done
stat -c %a "$file"
cat "$file"
printf '%s\\n' "$@" >"$HOME/words"
case $* in *sleep) sleep 60 ;; esac
exit 9
`,
  );
  await chmod(join(folder, "ssh"), 0o755);
  service = createServer((_request, answer) => answer.writeHead(reply.status).end(reply.text));
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  service?.close();
  await emulator?.stop();
  await bundle?.remove();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const run = (...args: readonly string[]) =>
  bundle.run(args, {
    cwd: folder,
    env: { ...emulator.env, PATH: `${folder}${delimiter}${process.env["PATH"]}` },
  });
const PLACE = ["--org", "acme", "--region", "us-east-1", "--cluster", "alpha"] as const;

describe("the bundle", () => {
  test("lists what a node has said of itself when it registered", async () => {
    const { exitCode, stdout } = await run("cluster", "hosts", ...PLACE, "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout.toString())).toMatchObject({
      uuid: ALPHA,
      nodes: [{ id: "i-1", address: "10.0.0.1", publicAddress: "54.0.0.1", sshHostKeys: [KEY] }],
    });
  });

  test("runs ssh with a known_hosts of this user's alone, which is gone afterwards, and passes its status on", async () => {
    const { exitCode, stdout, stderr } = await run("cluster", "ssh", ...PLACE, "--", "ls", "a b");
    expect({ exitCode, stderr }).toEqual({ exitCode: 9, stderr: "" });
    expect(stdout.toString()).toBe(`600\ni-1 ${KEY}\n`);
    const words = (await readFile(join(folder, "words"), "utf8")).trimEnd().split("\n");
    expect(words.slice(-6)).toEqual(["-l", "muster", "--", "54.0.0.1", "ls", "a b"]);
    const file = words.find((word) => word.startsWith("UserKnownHostsFile="))?.split('"')[1] ?? "";
    await expect(stat(file)).rejects.toThrow("ENOENT");
  });

  test("verify says what ssh has said", async () => {
    const { exitCode, stdout } = await run("cluster", "verify", ...PLACE);
    expect(exitCode).toBe(1);
    expect(stdout.toString()).toContain("i-1: `ls -la /shared/.hostfile-");
    expect(stdout.toString()).toContain("ended with 9");
  });

  test("stops verifying when its time is up", async () => {
    await writeFile(join(folder, "ssh.slow"), "#!/bin/sh\nexec sleep 60\n", { mode: 0o755 });
    await rm(join(folder, "slow"), { recursive: true, force: true });
    const slow = await mkdtemp(join(folder, "slow-"));
    await symlink(join(folder, "ssh.slow"), join(slow, "ssh"));
    const { exitCode, stderr } = await bundle.run(["cluster", "verify", ...PLACE, "--timeout", "2s"], {
      env: { ...emulator.env, PATH: `${slow}${delimiter}${process.env["PATH"]}` },
    });
    expect(exitCode).toBe(4);
    expect(stderr).toContain("Timed out after 2s (--timeout).");
  });
});

describe("my-ip", () => {
  const url = () => `http://127.0.0.1:${(service.address() as AddressInfo).port}/`;

  test("asks the service, and adds what it says to muster.yaml, whose mode stays", async () => {
    reply = { status: 200, text: "203.0.113.7\n" };
    expect((await run("my-ip", "--service", url())).stdout.toString()).toBe("203.0.113.7/32\n");
    const file = join(folder, "muster.yaml");
    await writeFile(
      file,
      "org: {name: acme, region: us-east-1}\nclusters:\n  - name: alpha # mine\n    nodes: 2\n",
    );
    await chmod(file, 0o640);
    const { exitCode } = await run("cluster", "access", "--add-my-ip", "--service", url());
    expect(exitCode).toBe(0);
    expect(await readFile(file, "utf8")).toBe(
      "org: {name: acme, region: us-east-1}\nclusters:\n  - name: alpha # mine\n    nodes: 2\n    access:\n      allowFrom:\n        - 203.0.113.7/32\n",
    );
    expect((await stat(file)).mode & 0o777).toBe(0o640);
  });

  test.each<[string, () => void, string]>([
    [
      "an error",
      () => {
        reply = { status: 500, text: "" };
      },
      "answered HTTP 500",
    ],
    [
      "a page without end",
      () => {
        reply = { status: 200, text: "x".repeat(100_000) };
      },
      "should answer with this machine's IPv4 address",
    ],
  ])("refuses %s", async (_name, change, words) => {
    change();
    const { exitCode, stderr } = await run("my-ip", "--service", url());
    expect(exitCode).toBe(1);
    expect(stderr).toContain(words);
  });

  test("says what to do where the service does not answer", async () => {
    const { exitCode, stderr } = await run("my-ip", "--service", "http://127.0.0.1:1/");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("does not answer");
    expect(stderr).toContain("--service");
  });
});
