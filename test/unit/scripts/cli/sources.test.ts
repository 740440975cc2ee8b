import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { extract } from "tar-stream";
import { bundleKey } from "../../../../agent/contract/names.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { CommandError } from "../../../../scripts/cli/core/exit.js";
import { packFolder } from "../../../../scripts/cli/jobs/pack.js";
import { observedCluster } from "../../../support/agent/cluster-item.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";

const HERE = ["--org", "acme", "--cluster", "demo"] as const;
const cluster = observedCluster({ clusterStatus: "FINISHED", phase: "ready", logBucket: "logs" });

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.clusters.push(cluster);
});
const latest = () => [...world.jobs.values()].at(-1) as JobItem;
const file = (path: string, text = path) => world.files.set(path, Buffer.from(text));

async function entriesOf(archive: Buffer): Promise<Record<string, { content: string; mode: number }>> {
  const found: Record<string, { content: string; mode: number }> = {};
  const reader = extract();
  Readable.from([gunzipSync(archive)]).pipe(reader);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { name, mode = 0, mtime, uid } = entry.header;
    expect([mtime, uid]).toEqual([new Date(0), 0]);
    found[name] = { content: Buffer.concat(chunks).toString(), mode };
  }
  return found;
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe("a folder that is packed", () => {
  const namesIn = async () =>
    Object.keys(await entriesOf(await bytesOf((await packFolder("work", world)).open())));

  test("has every file with its text, programs as programs, and nothing of Git's own", async () => {
    for (const path of ["work/pi.py", "work/lib/deep/a.py", "work/.git/config", "work/lib/.git"]) file(path);
    world.executables.add("work/pi.py");
    const packed = await packFolder("work", world);
    expect(await entriesOf(await bytesOf(packed.open()))).toEqual({
      "lib/deep/a.py": { content: "work/lib/deep/a.py", mode: 0o644 },
      "pi.py": { content: "work/pi.py", mode: 0o755 },
    });
    const bytes = await bytesOf(packed.open());
    expect(packed.bundle).toEqual({
      sha256: createHash("sha256").update(bytes).digest("hex"),
      bytes: bytes.length,
    });
  });

  test.each<[string, Record<string, string>, string[]]>([
    ["a name anywhere", { ".gitignore": "*.pyc\n" }, [".gitignore", "a.py", "lib/b.py", "lib/data/c.bin"]],
    ["a folder", { ".gitignore": "lib/\n" }, [".gitignore", "a.py", "a.pyc"]],
    [
      "a name at the top alone",
      { ".gitignore": "/b.py\n" },
      [".gitignore", "a.py", "a.pyc", "lib/b.py", "lib/b.pyc", "lib/data/c.bin"],
    ],
    [
      "an exception in a nested one",
      { ".gitignore": "*.pyc\n", "lib/.gitignore": "!b.pyc\ndata\n" },
      [".gitignore", "a.py", "lib/.gitignore", "lib/b.py", "lib/b.pyc"],
    ],
  ])("honours .gitignore: %s", async (_name, rules, names) => {
    for (const path of ["a.py", "a.pyc", "lib/b.py", "lib/b.pyc", "lib/data/c.bin"]) file(`work/${path}`);
    for (const [path, text] of Object.entries(rules)) file(`work/${path}`, text);
    expect(await namesIn()).toEqual(names);
  });

  test("has the same bytes in whatever order the files are found, and others with another text", async () => {
    for (const path of ["work/a.py", "work/b.py"]) file(path, "x");
    const first = await packFolder("work", world);
    world.files.clear();
    for (const path of ["work/b.py", "work/a.py"]) file(path, "x");
    expect((await packFolder("work", world)).bundle).toEqual(first.bundle);
    file("work/a.py", "y");
    expect((await packFolder("work", world)).bundle.sha256).not.toBe(first.bundle.sha256);
  });

  test("fails with links in it, each named, unless they are ignored", async () => {
    for (const path of ["work/a.py", "work/link", "work/lib/other"]) file(path);
    for (const path of ["work/link", "work/lib/other"]) world.links.add(path);
    await expect(packFolder("work", world)).rejects.toThrow(
      /"link" is a link\n"lib\/other" is a link\nOnly plain files/,
    );
    file("work/.gitignore", "link\nother\n");
    expect(await namesIn()).toEqual([".gitignore", "a.py"]);
  });

  test.each([
    ["ERR_FS_FILE_TOO_LARGE", /^work\/data has more than 2 GiB\. Name large data in \.gitignore/],
    [
      "EACCES",
      /^work\/data can't be read: EACCES\. Give yourself the right to, or name it in \.gitignore\.$/,
    ],
  ])("fails with a file that can't be read (%s), which is named", async (code, words) => {
    for (const path of ["work/data", "work/pi.py"]) file(path);
    const readFile = (path: string): Uint8Array => {
      if (path !== "work/data") return world.readFile(path);
      throw Object.assign(new Error(code), { code });
    };
    const listFolder = (path: string) => world.listFolder(path);
    const failed = await packFolder("work", { readFile, listFolder }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(CommandError);
    expect((failed as CommandError).message).toMatch(words);
  });

  test("fails where it is none, or is empty, or has changed meanwhile", async () => {
    await expect(packFolder("none", world)).rejects.toThrow("none is no folder");
    file("work/.git/config");
    await expect(packFolder("work", world)).rejects.toThrow("work has no file to send");
    file("work/a.py", "x");
    const packed = await packFolder("work", world);
    file("work/a.py", "y");
    await expect(bytesOf(packed.open())).rejects.toThrow(/work has changed while it was sent/);
  });
});

describe("muster job submit", () => {
  const submit = (...argv: string[]) => world.run("job", "submit", ...HERE, ...argv);

  test.each<[string, string[], object]>([
    [
      "from Git",
      ["--git", "https://github.com/acme/tools", "--reference", "v1", "--credentials", "github"],
      { git: { url: "https://github.com/acme/tools", reference: "v1", credentials: "github" } },
    ],
    ["from S3", ["--s3", "s3://bucket/tools.zip"], { s3: { uri: "s3://bucket/tools.zip" } }],
    ["from /shared", ["--shared", "/shared/tools"], { shared: { path: "/shared/tools" } }],
  ])("%s names the source, and FILE is in it", async (_name, options, source) => {
    expect(await submit(...options, "pi.py", "--steps", "3")).toBe(0);
    expect(latest().request).toEqual({ command: ["pi.py", "--steps", "3"], source });
  });

  test("shows the source and the version that runs, without what is secret", async () => {
    const url = "https://github.com/acme/tools";
    expect(await submit("--git", url, "--reference", "v1", "pi.py")).toBe(0);
    const job = latest();
    // An item may be written by hand.
    const source = { git: { url: "https://ada:canary@github.com/acme/tools", reference: "v1" } };
    world.jobs.set(job.id, { ...job, request: { ...job.request, source }, sourceVersion: "c0ffee" });
    expect(await world.run("job", "show", ...HERE, job.id)).toBe(0);
    expect(world.out).toMatch(
      /^source {6}https:\/\/\*\*\*@github\.com\/acme\/tools at v1\n(.*\n)*version {5}c0ffee$/m,
    );
  });

  test("from a folder sends it once, by what is in it", async () => {
    file("work/pi.py", "print(1)");
    expect(await submit("--folder", "work/", "pi.py")).toBe(0);
    const { source } = latest().request;
    const key = `logs/${bundleKey(cluster.uuid, source?.bundle?.sha256 ?? "")}`;
    expect([...world.objects.keys()]).toEqual([key]);
    expect(await entriesOf(world.objects.get(key) ?? Buffer.alloc(0))).toMatchObject({
      "pi.py": { content: "print(1)" },
    });
    expect(world.said.join("\n")).toMatch(/^work: sent 1 files, \d+ bytes$/m);
    expect(await submit("--folder", "work", "pi.py")).toBe(0);
    expect(world.said.join("\n")).toMatch(/^work: 1 files, sent before$/m);
  });

  test("from a folder fails while it is not known where to", async () => {
    const { logBucket: _, ...young } = cluster;
    world.clusters.splice(0, 1, young);
    file("work/pi.py");
    expect(await submit("--folder", "work", "pi.py")).toBe(1);
    expect(world.said.join("\n")).toContain("has had no head node yet");
    expect(world.jobs.size).toBe(0);
  });

  test.each<[string, string[], string]>([
    [
      "two sources",
      ["--s3", "s3://bucket/x", "--shared", "/shared/x", "pi.py"],
      "give one of --s3, --shared",
    ],
    ["a reference of nothing", ["--reference", "main", "pi.py"], "--reference needs --git"],
    [
      "a definition's source",
      ["--definition", "x", "--shared", "/shared/x"],
      "--shared: give it with a FILE or --command",
    ],
    ["no file", ["--shared", "/shared/x"], "what to run is missing"],
    [
      "credentials in the URL",
      ["--git", "https://ada:canary@github.com/acme/tools", "pi.py"],
      "must hold no user name, password or token",
    ],
  ])("refuses %s", async (_name, argv, words) => {
    expect(await submit(...argv)).toBe(2);
    expect(world.said.join("\n")).toContain(words);
    expect(world.said.join("\n")).not.toContain("canary");
    expect(world.jobs.size).toBe(0);
  });
});

describe("muster git-credentials", () => {
  const run = (...argv: string[]) => world.run("git-credentials", ...argv, "--org", "acme");
  /** The form of a key in OpenSSH's format, with this cipher. */
  function keyWith(cipher: string): string {
    const magic = Buffer.from("openssh-key-v1\0");
    const bytes = Buffer.concat([
      magic,
      Buffer.from([0, 0, 0, cipher.length]),
      Buffer.from(cipher),
      Buffer.alloc(60, 7),
    ]);
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
  }
  const KEY = keyWith("none");

  test("set keeps a password, which is asked for and never shown", async () => {
    world.answer = "canary";
    expect(await run("set", "github", "--host", "GitHub.com", "--username", "ada")).toBe(0);
    expect(world.gitCredentials.get("github")).toEqual({
      ...{ kind: "password", host: "github.com", username: "ada", password: "canary" },
    });
    expect(world.questions).toEqual(["Password or token of ada at github.com: "]);
    expect(world.out + world.said.join("\n")).not.toContain("canary");
  });

  test("set keeps an ssh key with the lines of the host, and no other", async () => {
    file("id", KEY);
    file("known", "# hosts\nother.example.com ssh-ed25519 AAAA\n[git.example.com]:2222 ssh-ed25519 BBBB\n");
    const options = ["--host", "git.example.com:2222", "--ssh-key", "id", "--known-hosts", "known"];
    expect(await run("set", "own", ...options)).toBe(0);
    expect(world.gitCredentials.get("own")).toEqual({
      kind: "ssh-key",
      host: "git.example.com:2222",
      privateKey: KEY,
      knownHosts: "[git.example.com]:2222 ssh-ed25519 BBBB",
    });
  });

  test.each<[string, string[], string, RegExp]>([
    ["no way to sign in", ["x", "--host", "h"], "", /--username is missing; or give --ssh-key/],
    ["no key of the host", ["x", "--host", "h", "--ssh-key", "id"], "", /--known-hosts is missing/],
    ["a name that is none", ["X/y", "--host", "h", "--username", "a"], "canary", /the name is not allowed/],
    ["an empty password", ["x", "--host", "h", "--username", "a"], "", /password: must be one line/],
    [
      "a password of two lines",
      ["x", "--host", "h", "--username", "a"],
      "canary\nusername=b",
      /password: must be one line/,
    ],
    ["a host that is a URL", ["x", "--host", "https://h/", "--username", "a"], "canary", /host: got/],
    [
      "a key that is none",
      ["x", "--host", "h", "--ssh-key", "other", "--known-hosts", "known"],
      "",
      /private key: is not one/,
    ],
    [
      "a key with a passphrase",
      ["x", "--host", "h", "--ssh-key", "locked", "--known-hosts", "known"],
      "",
      /private key: has a passphrase/,
    ],
    [
      "hosts' keys without the host's",
      ["x", "--host", "h2", "--ssh-key", "id", "--known-hosts", "known"],
      "",
      /known_hosts: has no line for h2/,
    ],
    [
      "a file that is not there",
      ["x", "--host", "h", "--ssh-key", "none", "--known-hosts", "known"],
      "",
      /none does not exist/,
    ],
  ])("set refuses %s, and shows nothing of it", async (_name, argv, answer, words) => {
    file("id", KEY);
    file("other", "canary");
    file("locked", keyWith("aes256-ctr"));
    file("known", "h ssh-ed25519 AAAA\n");
    world.answer = answer;
    expect(await run("set", ...argv)).toBe(2);
    expect(world.said.join("\n")).toMatch(words);
    expect(world.said.join("\n")).not.toContain("canary");
    expect(world.gitCredentials.size).toBe(0);
  });

  test("list shows what they are for, and delete deletes them", async () => {
    world.gitCredentials.set("github", {
      kind: "password",
      host: "github.com",
      username: "ada",
      password: "canary",
    });
    expect(await run("list")).toBe(0);
    expect(world.out).toMatch(/^NAME +WHAT +CHANGED\ngithub +password for github\.com +2026/);
    expect(await run("delete", "github")).toBe(0);
    expect(await run("delete", "github")).toBe(1);
    expect(world.said.at(-1)).toContain("Org acme has no Git credentials github in us-east-1");
    expect(world.out).not.toContain("canary");
  });
});
