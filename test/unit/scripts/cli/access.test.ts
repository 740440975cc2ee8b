import { beforeEach, describe, expect, test } from "@jest/globals";
import type { NodeAccess } from "../../../../agent/contract/node-access.js";
import { nodeSummary, observedCluster } from "../../../support/agent/cluster-item.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";
import { makeTestKey } from "../../../support/ssh-keys.js";

const HERE = ["--org", "acme", "--cluster", "demo"] as const;
const KEY = `ssh-ed25519 ${"A".repeat(68)}`;
const host = (id: string, values: Partial<NodeAccess> = {}): NodeAccess => ({
  ...{ id, address: "10.0.0.1", publicAddress: null, hostname: `ip-${id}`, cores: 2, kind: "worker" },
  sshHostKeys: [KEY],
  ...values,
});
const cluster = observedCluster({
  ...{ clusterStatus: "FINISHED", phase: "ready", hostfileNodes: 2, cores: 4, headInstanceId: "i-2" },
  nodes: [nodeSummary("i-1"), nodeSummary("i-2")],
});

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.clusters.push(cluster);
  world.hosts = [
    host("i-1", { publicAddress: "54.0.0.1" }),
    host("i-2", { address: "10.0.0.2", publicAddress: "54.0.0.2" }),
  ];
});
/** The options of the one call of ssh, and its other words. */
function call(index = 0) {
  const [program, ...words] = world.ran[index] ?? [];
  const options: Record<string, string> = {};
  while (words[0] === "-o") {
    const [name = "", ...value] = (words[1] ?? "").split("=");
    options[name] = value.join("=");
    words.splice(0, 2);
  }
  return { program, options, words };
}

describe("muster cluster ssh", () => {
  test("logs in to the head node, at its public address, and knows it by what it has published alone", async () => {
    expect(await world.run("cluster", "ssh", ...HERE)).toBe(0);
    const { program, options, words } = call();
    expect(program).toBe("ssh");
    expect(options).toMatchObject({
      HostKeyAlias: "i-2",
      StrictHostKeyChecking: "yes",
      UserKnownHostsFile: '"/tmp/file"',
      GlobalKnownHostsFile: "none",
      KnownHostsCommand: "none",
      VerifyHostKeyDNS: "no",
      ForwardAgent: "no",
    });
    for (const absent of ["ProxyCommand", "BatchMode", "IdentitiesOnly"])
      expect(options).not.toHaveProperty(absent);
    expect(words).toEqual(["-l", "muster", "--", "54.0.0.2"]);
    expect(world.programFiles).toEqual([`i-2 ${KEY}\n`]);
  });

  test("runs a command with a key of one's own, and passes its exit status on", async () => {
    world.programEnds = () => ({ exitCode: 7 });
    expect(
      await world.run("cluster", "ssh", ...HERE, "-i", "my key", "--node", "i-1", "--", "ls", "-la"),
    ).toBe(7);
    const { options, words } = call();
    expect(options["IdentitiesOnly"]).toBe("yes");
    expect(words).toEqual(["-i", "my key", "-l", "muster", "--", "54.0.0.1", "ls", "-la"]);
  });

  test.each(["i-1", "10.0.0.1", "54.0.0.1", "ip-i-1"])("finds the node that is named %s", async (name) => {
    expect(await world.run("cluster", "ssh", ...HERE, "--node", name)).toBe(0);
    expect(call().options["HostKeyAlias"]).toBe("i-1");
  });

  test("goes through Session Manager where the address is private, by the instance's id", async () => {
    world.hosts = [host("i-0abc")];
    for (const program of ["aws", "session-manager-plugin"]) world.onPath.add(program);
    expect(await world.run("cluster", "ssh", ...HERE)).toBe(0);
    const { options, words } = call();
    expect(options["ProxyCommand"]).toBe(
      "aws ssm start-session --target i-0abc --region us-east-1 --document-name AWS-StartSSHSession --parameters portNumber=22",
    );
    expect(words).toEqual(["-l", "muster", "--", "i-0abc"]);
  });

  test("uses the private address when asked", async () => {
    expect(await world.run("cluster", "ssh", ...HERE, "--via", "private")).toBe(0);
    expect(call().words).toContain("10.0.0.2");
  });

  test.each<[string, () => void, readonly string[], number, string]>([
    [
      "no such node",
      () => undefined,
      ["--node", "i-9"],
      1,
      "has no node i-9; `muster cluster hosts` lists them",
    ],
    [
      "no nodes",
      () => {
        world.hosts = [];
      },
      [],
      3,
      "has no nodes: it is parked, or they start",
    ],
    [
      "no host key",
      () => {
        world.hosts = [host("i-1", { sshHostKeys: [], publicAddress: "54.0.0.1" })];
      },
      [],
      3,
      "has not published its ssh host key",
    ],
    [
      "no public address",
      () => {
        world.hosts = [host("i-1")];
      },
      ["--via", "public"],
      3,
      "has no public address",
    ],
    [
      "no ssh",
      () => world.onPath.clear(),
      [],
      2,
      "There is no program ssh on PATH: install OpenSSH's client",
    ],
    [
      "no AWS CLI",
      () => {
        world.hosts = [host("i-1")];
      },
      [],
      2,
      "There is no program aws on PATH: node i-1 is reached through Session Manager",
    ],
    [
      "no plugin",
      () => {
        world.hosts = [host("i-1")];
        world.onPath.add("aws");
      },
      [],
      2,
      "There is no program session-manager-plugin on PATH",
    ],
    ["--json", () => undefined, ["--json"], 2, "--json: what a node prints is no document"],
    [
      "a way that there is not",
      () => undefined,
      ["--via", "carrier-pigeon"],
      2,
      "Allowed choices are public, private, ssm",
    ],
  ])("refuses %s, and runs nothing", async (_name, change, argv, status, words) => {
    change();
    expect(await world.run("cluster", "ssh", ...HERE, ...argv)).toBe(status);
    expect(world.said.join("\n")).toContain(words);
    expect(world.ran).toEqual([]);
  });
});

describe("muster cluster hosts", () => {
  test("lists what a person needs to log in by hand", async () => {
    world.hosts = [host("i-1", { publicAddress: "54.0.0.1" }), host("i-2", { address: "10.0.0.2" })];
    expect(await world.run("cluster", "hosts", ...HERE)).toBe(0);
    expect(world.out.split("\n")).toEqual([
      "cluster     demo",
      `uuid        ${cluster.uuid}`,
      `hostfile    /shared/.hostfile-${cluster.uuid}`,
      "cores       4",
      "",
      "NODE  KIND    ADDRESS   PUBLIC    HOSTNAME  CORES",
      "i-1   worker  10.0.0.1  54.0.0.1  ip-i-1    2",
      "i-2   worker  10.0.0.2  -         ip-i-2    2",
      "",
    ]);
  });
});

describe("muster cluster verify", () => {
  /** What a healthy node prints to a check. */
  function healthy(argv: readonly string[]): { stdout: string } {
    const command = argv.at(-1) ?? "";
    if (command.startsWith("ls")) return { stdout: "-rw-r--r-- 1 muster muster 24\n" };
    return {
      stdout: command.endsWith("hostname") ? "ip-1\nip-1\nip-2\nip-2\n" : "Python 3.13.5\n".repeat(4),
    };
  }

  test("runs the three documented commands on every node, and asks nothing", async () => {
    world.programEnds = healthy;
    expect(await world.run("cluster", "verify", ...HERE, "--json")).toBe(0);
    const hostfile = `/shared/.hostfile-${cluster.uuid}`;
    const commands = [
      `ls -la ${hostfile}`,
      `mpiexec -n 4 -f ${hostfile} hostname`,
      `mpiexec -n 4 -f ${hostfile} python --version`,
    ];
    expect(world.ran).toHaveLength(6);
    for (const id of ["i-1", "i-2"])
      expect(
        world.ran.filter((argv) => argv.includes(`HostKeyAlias=${id}`)).map((argv) => argv.at(-1)),
      ).toEqual(commands);
    for (const argv of world.ran) expect(argv).toContain("BatchMode=yes");
    expect(JSON.parse(world.out)).toEqual({
      uuid: cluster.uuid,
      name: "demo",
      nodes: [
        { id: "i-1", address: "10.0.0.1" },
        { id: "i-2", address: "10.0.0.2" },
      ].map((node) => ({
        ...node,
        via: "public",
        isOk: true,
        checks: ["hostfile", "ranks", "python"].map((name, index) => ({
          name,
          command: commands[index],
          problem: null,
        })),
      })),
    });
  });

  test.each<[string, (command: string) => object, string]>([
    [
      "a hostfile that is not there",
      (command) => (command.startsWith("ls") ? { exitCode: 2, stderr: "ls: cannot access\n" } : {}),
      "`ls -la /shared/.hostfile-",
    ],
    [
      "two worlds of ranks",
      (command) => (command.endsWith("hostname") ? { stdout: "ip-1\n".repeat(4) } : {}),
      "it printed 4 lines with 1 host names, and not 4 with 2",
    ],
    [
      "ranks that are missing",
      (command) => (command.endsWith("hostname") ? { stdout: "ip-1\nip-2\n" } : {}),
      "it printed 2 lines with 2 host names, and not 4 with 2",
    ],
    [
      "two versions of Python",
      (command) => (command.endsWith("version") ? { stdout: "Python 3.13.5\nPython 3.9.1\n".repeat(2) } : {}),
      "Python 3.13.5, Python 3.9.1",
    ],
    [
      "a command that hangs",
      (command) => (command.endsWith("hostname") ? { exitCode: null, isLate: true } : {}),
      "was not done after 60 s",
    ],
  ])("says which node fails, with the command: %s", async (_name, spoil, words) => {
    world.programEnds = (argv) => ({
      ...healthy(argv),
      ...(argv.includes("HostKeyAlias=i-2") ? spoil(argv.at(-1) ?? "") : {}),
    });
    expect(await world.run("cluster", "verify", ...HERE)).toBe(1);
    expect(world.out).toContain(words);
    expect(world.out).toMatch(/^i-1 .* ok +ok +ok$/m);
    expect(world.out).toMatch(/^i-2: `/m);
    expect(world.said).toEqual(["1 of 2 nodes of demo fail."]);
  });

  test("does not try the other checks on a node that ssh does not reach", async () => {
    world.programEnds = (argv) =>
      argv.includes("HostKeyAlias=i-1")
        ? { exitCode: 255, stderr: "Host key verification failed.\n" }
        : healthy(argv);
    expect(await world.run("cluster", "verify", ...HERE)).toBe(1);
    expect(world.ran.filter((argv) => argv.includes("HostKeyAlias=i-1"))).toHaveLength(1);
    expect(world.out).toContain("ended with 255: Host key verification failed.");
  });

  test("refuses a cluster without a node in its hostfile", async () => {
    world.clusters[0] = observedCluster({ clusterStatus: "PARKED", phase: "parked" });
    expect(await world.run("cluster", "verify", ...HERE)).toBe(3);
    expect(world.said.join("\n")).toContain("there is nothing to verify");
  });
});

describe("muster my-ip", () => {
  test("prints the address as a range of one", async () => {
    expect(await world.run("my-ip")).toBe(0);
    expect(world.out).toBe("203.0.113.7/32\n");
    world.written.length = 0;
    expect(await world.run("my-ip", "--json")).toBe(0);
    expect(world.out).toBe('{"range":"203.0.113.7/32"}\n');
  });

  test.each(["", "::1", "203.0.113.256", "203.0.113.7\n203.0.113.8", "<html>", "1.2.3", "1.2.3.4.5"])(
    "refuses %j, which is no address",
    async (said) => {
      world.service = () => said;
      expect(await world.run("my-ip")).toBe(1);
      expect(world.said.join("\n")).toContain("should answer with this machine's IPv4 address, but says");
      expect(world.out).toBe("");
    },
  );
});

describe("muster cluster access", () => {
  const { publicKey, privateKey } = makeTestKey("-t", "ed25519");
  const FILE = `# ours
org: { name: acme, region: us-east-1 } # the org
clusters:
  - name: demo # the first
    nodes: 4
  - name: beta
    nodes: 2
    access:
      sshKeys: [] # none yet
      allowFrom:
        - 198.51.100.0/24 # the office
`;
  const write = (text: string) => world.files.set("muster.yaml", Buffer.from(text));
  const read = () => Buffer.from(world.files.get("muster.yaml") ?? []).toString();
  const add = (clusterName: string, ...options: string[]) =>
    world.run("cluster", "access", "--org", "acme", "--cluster", clusterName, ...options);
  beforeEach(() => {
    write(FILE);
    world.files.set("key.pub", Buffer.from(`${publicKey}\n`));
    world.files.set("key", Buffer.from(privateKey));
  });

  test("adds address and key where there is none, and changes no other line", async () => {
    expect(await add("demo", "--add-my-ip", "--add-key", "key.pub")).toBe(0);
    const added = [
      "    access:",
      "      allowFrom:",
      "        - 203.0.113.7/32",
      "      sshKeys:",
      `        - ${publicKey}`,
    ];
    expect(read()).toBe(FILE.replace("    nodes: 4\n", `    nodes: 4\n${added.join("\n")}\n`));
    expect(world.said.join()).toContain("npx cdktf deploy muster_acme_demo");
  });

  test("adds to lists that are there, once", async () => {
    expect(await add("beta", "--add-my-ip")).toBe(0);
    expect(read()).toBe(`${FILE}        - 203.0.113.7/32\n`);
    const before = read();
    expect(await add("beta", "--add-my-ip")).toBe(0);
    expect(read()).toBe(before);
    expect(world.said.at(-1)).toContain("already; nothing was changed");
  });

  test.each<[string, () => void, readonly string[], number, string]>([
    ["nothing to add", () => undefined, [], 2, "nothing to add"],
    ["a private key", () => undefined, ["--add-key", "key"], 2, "it is a private key"],
    ["a key that is not there", () => undefined, ["--add-key", "none.pub"], 2, "none.pub can't be read"],
    [
      "no such cluster",
      () => write(FILE.replace("name: demo", "name: other")),
      ["--add-my-ip"],
      3,
      "it declares no cluster demo of its own",
    ],
    ["broken YAML", () => write("clusters: [{name: demo\n"), ["--add-my-ip"], 2, "muster.yaml is no YAML"],
    [
      "an access from an anchor",
      () => write(`x-a: &a { access: { sshKeys: [] } }\nclusters:\n  - { <<: *a, name: demo, nodes: 1 }\n`),
      ["--add-my-ip"],
      3,
      "comes from an anchor",
    ],
    [
      "a list that is none",
      () => write("clusters: [{ name: demo, access: { allowFrom: 1 } }]\n"),
      ["--add-my-ip"],
      3,
      "is no list there",
    ],
    [
      "no file",
      () => void world.files.delete("muster.yaml"),
      ["--add-my-ip"],
      2,
      "muster.yaml can't be read",
    ],
  ])("refuses %s, and changes nothing", async (_name, change, options, status, words) => {
    change();
    const before = read();
    expect(await add("demo", ...options)).toBe(status);
    expect(world.said.join("\n")).toContain(words);
    expect(world.said.join("\n")).not.toContain(privateKey.split("\n")[1]);
    expect(read()).toBe(before);
  });
});
