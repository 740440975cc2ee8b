import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import { zipSync } from "fflate";
import { type Header, pack } from "tar-stream";
import { hashedAs } from "../../../../agent/aws/source-streams.js";
import type { ArchiveKind } from "../../../../agent/sources/ports.js";
import { JOB_USER } from "../../../support/agent/job-user.js";
import { type SourceBench, sourceBench } from "../../../support/agent/sources.js";

type Entry = Partial<Header> & Pick<Header, "name"> & { readonly content?: string | Buffer };

async function tar(...entries: Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content = "", ...header } of entries) archive.entry(header, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

let bench: SourceBench;
afterEach(() => bench.remove());

/** Fetches a job's source that is this archive. */
async function unpack(
  body: Readable | Buffer,
  kind: ArchiveKind = "tar",
  limits = { bytes: 5_000_000, files: 100 },
) {
  const stream = body instanceof Readable ? body : Readable.from([body]);
  const open = async () => ({ version: "v", kind, body: stream });
  bench = await sourceBench({
    objects: { open, openBundle: open },
    limits: { ...limits, timeoutMs: 60_000 },
  });
  return bench.fetch({ s3: { uri: "s3://bucket/key.tar" } });
}
const unusable = (message: RegExp) =>
  expect.objectContaining({ code: "source-unusable", message: expect.stringMatching(message) });
const tooLarge = expect.objectContaining({ code: "source-too-large" });

describe("an archive", () => {
  test.each<[string, () => Promise<Buffer>, ArchiveKind]>([
    [
      ".tar",
      () =>
        tar(
          { name: "./run.sh", mode: 0o4755, content: "x" },
          { name: "a/b/c.py", mode: 0o666, content: "y" },
        ),
      "tar",
    ],
    [
      ".tar.gz",
      async () =>
        gzipSync(
          await tar({ name: "run.sh", mode: 0o755, content: "x" }, { name: "a/b/c.py", content: "y" }),
        ),
      "tar",
    ],
    [
      ".zip",
      async () =>
        Buffer.from(
          zipSync({
            "run.sh": [Buffer.from("x"), { os: 3, attrs: (0o104755 << 16) >>> 0 }],
            "a/b/c.py": Buffer.from("y"),
          }),
        ),
      "zip",
    ],
  ])(
    "%s is unpacked as the job user's, with nothing of the owners and modes in it but what may be executed",
    async (_name, make, kind) => {
      expect(await unpack(await make(), kind)).toEqual({ version: "v", folder: "" });
      expect(bench.files()).toEqual(["a", "a/b", "a/b/c.py", "run.sh"]);
      const looks = ["run.sh", "a/b/c.py"].map((name) => statSync(join(bench.folder, name)));
      expect(looks.map(({ mode, uid }) => [mode & 0o7777, uid])).toEqual([
        [0o755, JOB_USER.uid],
        [0o644, JOB_USER.uid],
      ]);
      expect(readFileSync(join(bench.folder, "a/b/c.py"), "utf8")).toBe("y");
    },
  );
});

describe("an archive that is hostile is refused, with what it is, and leaves nothing", () => {
  afterEach(() => expect(existsSync(bench.folder)).toBe(false));
  const file = { content: "evil" };

  test.each<[string, Entry[], RegExp]>([
    ["a step up", [{ name: "../evil", ...file }], /'\.\.\/evil', which would be outside/],
    ["a step up inside", [{ name: "a/../../evil", ...file }], /would be outside/],
    ["an absolute name", [{ name: "/etc/evil", ...file }], /would be outside/],
    [
      "a symbolic link",
      [{ name: "link", type: "symlink", linkname: "/etc" }],
      /'link', which is no plain file or folder/,
    ],
    [
      "a link, then a file through it",
      [
        { name: "link", type: "symlink", linkname: ".." },
        { name: "link/evil", ...file },
      ],
      /which is no plain file or folder/,
    ],
    ["a hard link", [{ name: "link", type: "link", linkname: "/etc/passwd" }], /no plain file or folder/],
    [
      "a device",
      [{ name: "null", type: "character-device", devmajor: 1, devminor: 3 }],
      /no plain file or folder/,
    ],
    ["a pipe", [{ name: "pipe", type: "fifo" }], /no plain file or folder/],
    [
      "a name twice",
      [
        { name: "a", ...file },
        { name: "./a", ...file },
      ],
      /'\.\/a' twice/,
    ],
    [
      "a file as a folder",
      [
        { name: "a", ...file },
        { name: "a/b", ...file },
      ],
      /'a' twice, once as a file/,
    ],
    ["the top as a file", [{ name: ".", ...file }], /'\.' as a file, which is a folder/],
    ["a name that no file may have", [{ name: "a".repeat(300), ...file }], /a name that is too long/],
  ])("%s", async (_name, entries, message) => {
    expect(await unpack(await tar(...entries))).toEqual(unusable(message));
  });

  test.each<[string, Record<string, Parameters<typeof zipSync>[0][string]>, RegExp]>([
    ["a step up", { "../evil": Buffer.from("evil") }, /would be outside/],
    ["an absolute name", { "/evil": Buffer.from("evil") }, /would be outside/],
    ["a backslash", { "a\\..\\evil": Buffer.from("evil") }, /would be outside/],
    [
      "a link",
      { link: [Buffer.from("/etc"), { os: 3, attrs: (0o120777 << 16) >>> 0 }] },
      /no plain file or folder/,
    ],
  ])("in a zip: %s", async (_name, files, message) => {
    expect(await unpack(Buffer.from(zipSync(files)), "zip")).toEqual(unusable(message));
  });

  test("a bomb of bytes, in a tar and in a zip", async () => {
    const zeros = Buffer.alloc(30_000_000);
    expect(await unpack(gzipSync(await tar({ name: "zeros", content: zeros })))).toEqual(tooLarge);
    await bench.remove();
    expect(await unpack(Buffer.from(zipSync({ zeros })), "zip")).toEqual(tooLarge);
  });

  test("a bomb of files, and one of folders", async () => {
    const many = Array.from({ length: 101 }, (_, index) => ({ name: `f${index}`, content: "" }));
    expect(await unpack(await tar(...many))).toEqual(tooLarge);
    await bench.remove();
    expect(await unpack(await tar({ name: `${"a/".repeat(101)}x`, content: "" }))).toEqual(tooLarge);
  });

  test.each<[string, () => Promise<Buffer>, ArchiveKind]>([
    [
      "cut off",
      async () => gzipSync(await tar({ name: "a", content: Buffer.alloc(100_000, 7) })).subarray(0, 100),
      "tar",
    ],
    [
      "cut off behind its last file",
      async () => (await tar({ name: "a", content: "x" })).subarray(0, 1_024),
      "tar",
    ],
    [
      "cut off in its checksum",
      async () => gzipSync(await tar({ name: "a", content: "x" })).subarray(0, -4),
      "tar",
    ],
    [
      "changed where its compression does not show it",
      async () => {
        const stored = gzipSync(await tar({ name: "a", content: "one of many" }), { level: 0 });
        stored.write("two", stored.indexOf("one of many"));
        return stored;
      },
      "tar",
    ],
    ["of another kind", async () => Buffer.from("#!/bin/sh\n".repeat(100)), "tar"],
    ["empty", async () => Buffer.alloc(0), "tar"],
    ["cut off", async () => Buffer.from(zipSync({ a: Buffer.alloc(1_000) })).subarray(0, 60), "zip"],
  ])("one that is %s", async (_name, make, kind) => {
    expect(await unpack(await make(), kind)).toEqual(
      unusable(/^s3:\/\/bucket\/key\.tar: the archive is damaged/),
    );
  });

  test.each([
    ["bzip2", "-j"],
    ["xz", "-J"],
    ["gzip", "-z"],
  ])("one that %s has compressed, cut off in its last bytes", async (_name, flag) => {
    const { stdout: whole } = spawnSync("/usr/bin/tar", [
      "-c",
      flag,
      "-C",
      resolve("examples"),
      "muster.yaml",
    ]);
    expect(await unpack(whole.subarray(0, -6))).toEqual(unusable(/the archive is damaged/));
  });

  test("one with a bomb behind the archive's end", async () => {
    const archive = Buffer.concat([await tar({ name: "a", content: "x" }), Buffer.alloc(30_000_000)]);
    expect(await unpack(gzipSync(archive))).toEqual(tooLarge);
  });

  test.each([
    ["small", 1],
    ["large", 3_000_000],
  ])("a %s packed folder that is not the one that was submitted", async (_name, bytes) => {
    const archive = await tar({ name: "a", content: Buffer.alloc(bytes) });
    const halves = [archive.subarray(0, bytes), archive.subarray(bytes)];
    expect(await unpack(hashedAs(Readable.from(halves), "0".repeat(64)))).toEqual(
      unusable(/the packed folder has the SHA-256 [0-9a-f]{64}, and should have 0{64}/),
    );
  });
});

test("a stream that breaks is the failure, and not what the archive looks like then", async () => {
  const half = await tar({ name: "a", content: Buffer.alloc(100_000) });
  const body = Readable.from(
    (async function* () {
      yield half.subarray(0, 50_000);
      throw new Error("socket hang up");
    })(),
  );
  await expect(unpack(body)).rejects.toThrow("socket hang up");
  expect(existsSync(bench.folder)).toBe(false);
});
