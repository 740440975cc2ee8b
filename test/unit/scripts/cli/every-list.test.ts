import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openOrg } from "../../../../scripts/cli/access/open.js";
import type { Opening } from "../../../../scripts/cli/core/ports.js";
import { COMMAND_DOCUMENTS, type Shape } from "../../../../scripts/docs/command-documents.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";
import { heldBytes } from "../../../support/cli/held-bytes.js";
import { startVastOrg, type VastOrg } from "../../../support/cli/vast-org.js";

const ITEMS = 10_000;
const MIB = 1_048_576;
/** Where all are held it is 60 MB, and 20 MB of what is in an account. What is held of each are its key and its place: 200 bytes to a KB. */
const MOST_HELD = 14 * MIB;

const ORG = ["--org", "acme", "--region", "us-east-1"];
const HERE = [...ORG, "--cluster", "c-000000"];

/** The lists that are as long as an org has grown: how each is asked for all, and what each item's text has once. */
const LISTS: Readonly<Record<string, { readonly args: readonly string[]; readonly mark: string }>> = {
  "cluster list": { args: ORG, mark: '"clusterStatus":' },
  "cluster events": { args: [...HERE, "--limit", "10000"], mark: '"at":' },
  "job list": { args: [...HERE, "--limit", "10000"], mark: '"submittedAt":' },
  "job definitions": { args: HERE, mark: '"run":' },
  "notebook list": { args: ORG, mark: '"attachedAt":' },
  "image list": { args: ORG, mark: '"isRelease":' },
  "git-credentials list": { args: ORG, mark: '"changedAt":' },
  usage: { args: [...ORG, "--by", "job", "--no-prices"], mark: '"instanceTypes":' },
  leftovers: { args: ORG, mark: '"kind":' },
  reap: { args: [...ORG, "--dry-run"], mark: '"why":' },
};

const OF_ONE_FILE = "what a muster.yaml of 1 MiB declares";
const OF_A_CLUSTER = "a cluster's nodes, 1,000 at most";
const OF_THE_CODE = "as many as the code has";
/** Why the lists of the other documents are short, whatever an org has. */
const SHORT: Readonly<Record<string, string>> = {
  init: OF_THE_CODE,
  doctor: OF_THE_CODE,
  policy: OF_THE_CODE,
  completion: OF_THE_CODE,
  "account policy": OF_THE_CODE,
  "account pipeline": OF_THE_CODE,
  "account check": OF_THE_CODE,
  "cluster activity": OF_THE_CODE,
  "cluster access": OF_ONE_FILE,
  check: OF_ONE_FILE,
  cost: OF_ONE_FILE,
  plan: OF_ONE_FILE,
  "cluster show": OF_A_CLUSTER,
  "cluster hosts": OF_A_CLUSTER,
  "cluster verify": OF_A_CLUSTER,
  cleanup: "it removes what it finds: leftovers lists the same",
  "job show": "a job has eleven attempts at most, and twenty last lines",
  "job run": "a job's last lines",
  "job submit": "a job's last lines",
  "job wait": "a job's last lines",
  "job cancel": "a job's last lines",
  "job logs": "a job's last lines",
  "notebook show": "a node's probes",
  "notebook start": "a node's probes",
  "notebook stop": "a node's probes",
  "token ca": "two certificates",
};

let org: VastOrg;
beforeAll(() => {
  org = startVastOrg();
});
afterAll(() => org.restore());

interface Shown {
  readonly status: number;
  readonly text: {
    readonly lines: number;
    readonly marks: number;
    readonly first: string;
    readonly last: string;
  };
  readonly heldBytes: number;
}

/** Runs the command on so many of everything, with a reader that counts. What is held is looked at when most are read, in each pass, and at the end. */
async function shown(words: string, args: readonly string[], mark: string, count: number): Promise<Shown> {
  const before = heldBytes();
  let most = 0;
  const look = () => {
    most = Math.max(most, heldBytes() - before);
  };
  const looked = new Set<string>();
  org.begin(count, (pass, given) => {
    if (looked.has(pass) || given < count * 0.9) return;
    looked.add(pass);
    look();
  });
  const world = new FakeWorld();
  world.files.set("muster.yaml", Buffer.from("org: {name: acme, region: us-east-1}\n"));
  world.files.set("cdktf.json", Buffer.from("{}"));
  const text = { lines: 0, marks: 0, first: "", last: "" };
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const piece = chunk.toString("latin1");
      text.lines += piece.split("\n").length - 1;
      text.marks += piece.split(mark).length - 1;
      text.first ||= piece.slice(0, 1);
      text.last = (text.last + piece).slice(-3);
      setImmediate(done);
    },
  });
  Object.defineProperty(world, "stdout", { value: stdout });
  Object.defineProperty(world, "open", { value: async (opening: Opening) => openOrg(opening, {}, "1") });
  const status = await world.run(...words.split(" "), ...args);
  look();
  return { status, text, heldBytes: most };
}

test("each document with a list is in one of the tables", () => {
  const hasList = ({ keys }: Shape) =>
    Object.values(keys).some((kind) => kind === "list" || kind.startsWith("["));
  const documents = Object.entries(COMMAND_DOCUMENTS).filter(([, shape]) => hasList(shape));
  expect([...Object.keys(LISTS), ...Object.keys(SHORT)].sort()).toEqual(
    documents.map(([words]) => words).sort(),
  );
});

describe.each(Object.entries(LISTS))(`muster %s, of ${ITEMS}`, (words, { args, mark }) => {
  // What is loaded at the first use is no part of a list.
  beforeAll(() => shown(words, args, mark, 1));

  test("with --json is one whole document, of which a part is held", async () => {
    const { status, text, heldBytes: held } = await shown(words, [...args, "--json"], mark, ITEMS);
    expect([status, text]).toEqual([
      words === "leftovers" ? 1 : 0,
      { lines: 1, marks: ITEMS, first: "{", last: expect.stringMatching(/\}\n$/) },
    ]);
    expect(held).toBeLessThan(MOST_HELD);
  });
});

/** Those whose rows are laid out as they come, and what is said below them is kept meanwhile. The others are laid out by the same. */
const TABLES = ["cluster list", "job list", "image list"] as const;

test.each(TABLES)(`muster %s, of ${ITEMS}, has a line for each, of which a part is held`, async (words) => {
  const { args = [], mark = "" } = LISTS[words] ?? {};
  const { status, text, heldBytes: held } = await shown(words, args, mark, ITEMS);
  expect(status).toBe(0);
  expect(text.lines).toBeGreaterThanOrEqual(ITEMS);
  expect(held).toBeLessThan(MOST_HELD);
});
