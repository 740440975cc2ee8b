import { PassThrough, Readable, Writable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { runAwsCall } from "../../../../scripts/cli/access/aws-call.js";
import { chooseCluster } from "../../../../scripts/cli/core/clusters.js";
import { readDeclared } from "../../../../scripts/cli/core/declared.js";
import { parseSeconds } from "../../../../scripts/cli/core/duration.js";
import { NoRightsError, TransientError } from "../../../../scripts/cli/core/exit.js";
import { jsonPieces } from "../../../../scripts/cli/core/json-pieces.js";
import { streamTo } from "../../../../scripts/cli/core/output.js";
import { followJob } from "../../../../scripts/cli/jobs/follow.js";
import { requestFor } from "../../../../scripts/cli/jobs/request.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";

test.each([
  ["90", 90],
  ["90s", 90],
  ["15m", 900],
  ["2h", 7200],
  ["1h30m", 5400],
  ["1.5h", 5400],
  ["0", null],
  ["1.5s", null],
  ["500ms", null],
  ["-1", null],
  ["", null],
  ["1d", null],
])("%s is %p seconds", (text, seconds) => {
  expect(parseSeconds(text)).toBe(seconds);
});

test.each([
  ["", { org: null, region: null, cluster: null }],
  ["- a list", { org: null, region: null, cluster: null }],
  ["org: {name: 7}", { org: null, region: null, cluster: null }],
  ["org: {name: a}\nclusters: [null]", { org: "a", region: null, cluster: null }],
  [
    "org: {name: a}\naccount: {roleArn: x, externalId: y}",
    { org: "a", region: null, cluster: null, role: { roleArn: "x", externalId: "y", stsRegion: null } },
  ],
  ["org: {name: a, region: r}\nclusters: [{name: c}]", { org: "a", region: "r", cluster: "c" }],
])("of %j what it declares is taken", (text, declared) => {
  expect(readDeclared(text)).toEqual({ role: null, problem: null, ...declared });
});

// A parser makes something of each: the second org, or the half of a merge that comes first.
test.each([
  ["two orgs", "org: {name: a}\norg: {name: b}", "Map keys must be unique at line 2, column 1"],
  ["a merge's conflict", "org: {name: a}\n<<<<<<< HEAD\nclusters: [{name: c}]", /at line \d, column \d+$/],
  ["a tab", "org:\n  name: a\nclusters:\n\t- {name: c}", /^Tabs are not allowed as indentation at line 4/],
  ["a second document", "org: {name: a}\n---\norg: {name: b}", /^Source contains multiple documents/],
  ["an anchor in itself", "org: {name: a}\nx: &m {<<: *m}", /./],
])("of a file with %s nothing is taken, and it is said why", (_name, text, problem) => {
  const nothing = { org: null, region: null, cluster: null, role: null };
  expect(readDeclared(text)).toEqual({
    ...nothing,
    problem: typeof problem === "string" ? problem : expect.stringMatching(problem),
  });
});

describe("a cluster's name", () => {
  const wanted = { org: "acme", region: "us-east-1", name: "demo" };
  const of = (...named: ClusterItem[]) => ({ named, names: new Set(named.map(({ name }) => name)) });

  test("means the one that stays, where another is being removed; else that one", () => {
    const going = clusterItem({ uuid: "1", clusterStatus: "REMOVING" });
    const staying = clusterItem({ uuid: "2", clusterStatus: "FAILED" });
    expect(chooseCluster(of(going, staying), wanted)).toBe(staying);
    expect(chooseCluster(of(going), wanted)).toBe(going);
    expect(() => chooseCluster(of(going, going), wanted)).toThrow(
      "Org acme has 2 clusters named demo in us-east-1:",
    );
  });

  test("that no cluster has, fails with those that are", () => {
    const named = (name: string) =>
      chooseCluster({ named: [], names: new Set(["wind"]) }, { ...wanted, name });
    expect(() => named("wnid")).toThrow(
      "Org acme has no cluster wnid in us-east-1. It has wind. Did you mean wind?",
    );
    expect(() => named("other")).toThrow(/It has wind\.$/);
    expect(() => chooseCluster(of(), wanted)).toThrow(/It has none\.$/);
  });
});

describe("a file as a job", () => {
  const requestOf = (bytes: Uint8Array, file = "a b.py") => requestFor({ file, args: ["1"] }, () => bytes);

  test("travels byte for byte under a name that a job may have, without a limit of this command's", () => {
    expect(requestOf(Buffer.from("print('ä')\n"))).toEqual({
      command: ["a_b.py", "1"],
      script: { name: "a_b.py", content: "print('ä')\n" },
    });
  });

  test.each([
    [
      "latin-1",
      Buffer.from("# coding: latin-1\n'\xe9'", "latin1"),
      /^a b\.py can't be a job: it is not UTF-8: byte 0xe9 at offset 19/,
    ],
    ["a program", Buffer.from([0x7f, 0x45, 0]), /it is no text: byte 0x00 at offset 2/],
    [
      "more than an item of the table holds",
      Buffer.from("ä".repeat(190_000)),
      /it takes 380\d\d\d bytes, and a job may have 370000/,
    ],
  ])("fails where it is %s", (_name, bytes, words) => {
    expect(() => requestOf(bytes)).toThrow(words);
  });

  test("fails where it is a folder, with the way to send one", () => {
    const folder = (): never => {
      throw Object.assign(new Error("EISDIR: illegal operation on a directory, read"), { code: "EISDIR" });
    };
    expect(() => requestFor({ file: "model", args: [] }, folder)).toThrow(
      "model is a folder: give --folder model, and the file in it that runs",
    );
  });

  test("fails where it can't be read", () => {
    const denied = (): never => {
      throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
    };
    expect(() => requestFor({ file: "x.py", args: [] }, denied)).toThrow("x.py can't be read: EACCES");
    // With a source it is a file in that.
    const fields = { source: { shared: { path: "/shared/model" } } };
    expect(requestFor({ file: "x.py", args: ["1"], fields }, denied)).toEqual({
      command: ["x.py", "1"],
      ...fields,
    });
  });
});

describe("a wait", () => {
  test("goes on over errors that may pass, and says them once", async () => {
    const world = new FakeWorld();
    const access = world.openNow({ org: "acme", region: "r", signal: new AbortController().signal });
    const job = { ...queuedJob(), status: "FINISHED" } as const;
    const said: string[] = [];
    let looks = 0;
    const observe = async () => {
      looks += 1;
      if (looks < 5) throw new TransientError("no network");
      return job;
    };
    const { sleep } = world;
    const deps = {
      access: { ...access, jobs: { ...access.jobs, observe } },
      say: (line: string) => void said.push(line),
      sleep,
    };
    const reference = { clusterUuid: job.clusterUuid, jobId: job.id };
    expect(await followJob(reference, { ...deps, signal: new AbortController().signal })).toBe(job);
    expect(said).toEqual(["can't read the job at the moment: no network"]);
  });
});

describe("streamTo", () => {
  const calm = new AbortController().signal;

  test("holds the source back while the reader is slow", async () => {
    let made = 0;
    const source = new Readable({
      read() {
        made += 1;
        this.push(made > 1_000 ? null : Buffer.alloc(65_536));
      },
    });
    let mostAhead = 0;
    let taken = 0;
    const slow = new Writable({
      write(chunk: Buffer, _encoding, done) {
        taken += chunk.length / 65_536;
        mostAhead = Math.max(mostAhead, made - taken);
        setImmediate(done);
      },
    });
    expect(await streamTo(slow, source, calm, () => undefined)).toEqual({ bytes: 65_536_000, end: "whole" });
    expect(mostAhead).toBeLessThan(20);
    expect(slow.writableEnded).toBe(false);
  });

  test("tells a source that breaks from a reader that leaves", async () => {
    const breaks = Readable.from(
      (async function* () {
        yield Buffer.from("12");
        throw new Error("aborted");
      })(),
    );
    expect(await streamTo(new PassThrough(), breaks, calm, () => undefined)).toEqual({
      bytes: 2,
      end: new Error("aborted"),
    });
    const leaves = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
    }).on("error", () => undefined);
    expect(await streamTo(leaves, Readable.from([Buffer.from("12")]), calm, () => undefined)).toEqual({
      bytes: 0,
      end: "reader-left",
    });
    const stop = AbortSignal.abort(new Error("enough"));
    await expect(streamTo(new PassThrough(), Readable.from(["1"]), stop, () => undefined)).rejects.toThrow(
      "enough",
    );
  });
});

test("JSON carries control characters by their codes, and means the same", async () => {
  const value = { text: "\x1b[2J\x7f\x9b\u202e\u2028\u200f größe" };
  const text = (await Array.fromAsync(jsonPieces(value))).join("");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the test
  expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f\u200f\u2028-\u202e]/);
  expect(JSON.parse(text)).toEqual(value);
});

describe("an error of AWS is", () => {
  const context = {
    ...{ region: "us-east-1", env: {}, service: "DYNAMODB", endpoint: () => null },
    signal: new AbortController().signal,
  };
  const fails = (name: string) =>
    runAwsCall(context, "list the clusters", async () => {
      throw Object.assign(new Error("m"), { name });
    });

  test.each(["AccessDeniedException", "ExpiredTokenException", "CredentialsProviderError"])(
    "a lack of rights: %s",
    (name) => expect(fails(name)).rejects.toBeInstanceOf(NoRightsError),
  );
  test.each(["ThrottlingException", "TimeoutError"])("one that may pass: %s", (name) =>
    expect(fails(name)).rejects.toBeInstanceOf(TransientError),
  );
});
