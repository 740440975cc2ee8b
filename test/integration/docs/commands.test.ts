import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { renderImages } from "../../../scripts/local/emulator/images.js";
import { setUp } from "../../../scripts/setup/set-up.js";
import { runCommand } from "../../../scripts/system/command.js";
import { type ShellBlock, shellBlocks } from "../../support/docs/blocks.js";
import { NOT_RUN, notRun } from "../../support/docs/not-run.js";
import { type DocsShell, openDocsShell } from "../../support/docs/shell.js";
import { commandProblems } from "../../support/docs/syntax.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { type PlayedHeads, playHeads } from "../../support/provider/played-heads.js";

const ROOT = path.join(__dirname, "../../..");
const BLOCK_TIMEOUT_MS = 660_000;

const read = (page: string): string => readFileSync(path.join(ROOT, page), "utf8");
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(path.join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
    .sort(),
];
const blocks = pages.flatMap((page) => shellBlocks(page, read(page)));
const runnable = (page: string): ShellBlock[] =>
  blocks.filter((block) => block.page === page && notRun(block.name) === undefined);

/** What a page says that its reader has, and what happens on the way. */
interface Given {
  /** Before the page's first block. */
  readonly first?: (shell: DocsShell, emulator: TestEmulator) => Promise<void>;
  /** Before the block that begins with this line. */
  readonly before?: Readonly<Record<string, (shell: DocsShell, emulator: TestEmulator) => Promise<void>>>;
  /** After the block that begins with this line: what it is to have done. */
  readonly after?: Readonly<Record<string, (shell: DocsShell, emulator: TestEmulator) => Promise<void>>>;
}

const STATE_BUCKET = "acme-terraform-state";
const LOCK = { Bucket: STATE_BUCKET, Key: "muster/demo/clusters/alpha.tfstate.tflock" };
const s3Of = ({ client }: TestEmulator) => new S3Client({ ...client, forcePathStyle: true });
const isLocked = (emulator: TestEmulator): Promise<boolean> =>
  s3Of(emulator)
    .send(new HeadObjectCommand(LOCK))
    .then(
      () => true,
      () => false,
    );

const GIVEN: Readonly<Record<string, Given>> = {
  "docs/guides/pipelines.md": {
    async first(shell, emulator) {
      const yaml = /```yaml\n(.*?)```/s.exec(read("docs/guides/pipelines.md"))?.[1] ?? "";
      writeFileSync(path.join(shell.folder, "muster.yaml"), yaml);
      await s3Of(emulator).send(new CreateBucketCommand({ Bucket: STATE_BUCKET }));
    },
    before: {
      async "stack=muster_demo_alpha"(shell, emulator) {
        // GIVEN a change, and a deploy that asks where there is no terminal
        await shell.run("sed -i 's/nodes: 2/nodes: 3/' muster.yaml");
        const { exitCode, output } = await shell.run("npx cdktf deploy '*' --skip-provider-lock");
        expect(exitCode).not.toBe(0);
        expect(output).toContain("Raw mode is not supported on the current process.stdin");
        // What a run leaves that ends so abruptly; not each one does.
        if (await isLocked(emulator)) return;
        const Body = JSON.stringify({ ID: "7cf082b9-7342-a2a6-bb64-1b4b09def914", Path: LOCK.Key });
        await s3Of(emulator).send(new PutObjectCommand({ ...LOCK, Body }));
      },
    },
    after: {
      async "stack=muster_demo_alpha"(shell, emulator) {
        expect(await isLocked(emulator)).toBe(false);
        const again = await shell.run("npx cdktf deploy '*' --auto-approve --skip-provider-lock");
        expect(again).toMatchObject({ exitCode: 0 });
      },
    },
  },
};

describe.each(pages.filter((page) => runnable(page).length > 0))("%s, as it is written", (page) => {
  let emulator: TestEmulator;
  let heads: PlayedHeads;
  let shell: DocsShell;
  let hasFailed = false;

  beforeAll(async () => {
    const [started, tools] = await Promise.all([
      startEmulator({ images: renderImages("0123456789abcdef") }),
      setUp({ projectRoot: ROOT, say: () => undefined }),
    ]);
    emulator = started;
    // Instances do not boot here: ones that play their heads report them ready, and end jobs.
    heads = playHeads(emulator, "demo", ["alpha", "simulation"]);
    shell = openDocsShell(ROOT, {
      ...emulator.env,
      PATH: tools.env["PATH"] ?? "",
      MUSTER_TERRAFORM_MIRROR: tools.awsProviderMirror,
      CHECKPOINT_DISABLE: "1",
    });
    await GIVEN[page]?.first?.(shell, emulator);
  }, BLOCK_TIMEOUT_MS);
  afterAll(async () => {
    await heads?.stop();
    await emulator?.stop();
    shell?.remove();
  });

  test.each(runnable(page).map((block) => [block.line, block] as const))(
    "the block in line %i succeeds",
    async (_line, { text }) => {
      expect(hasFailed ? "a block before this one failed" : "").toBe("");
      hasFailed = true;
      const [first = ""] = text.split("\n");
      await GIVEN[page]?.before?.[first]?.(shell, emulator);
      const { exitCode, output } = await shell.run(text);
      if (exitCode !== 0) throw new Error(`${text}\n\nended with ${exitCode}:\n${output.slice(-4000)}`);
      await GIVEN[page]?.after?.[first]?.(shell, emulator);
      hasFailed = false;
    },
    BLOCK_TIMEOUT_MS,
  );
});

describe("what is not run", () => {
  const listed = blocks.filter(({ name }) => notRun(name) !== undefined);

  test("is all there still: an entry without its block goes", () => {
    const names = NOT_RUN.map(({ block }) => block);
    const found = names.filter((name) => listed.some((block) => notRun(block.name)?.block === name));
    expect(found).toEqual(names);
  });

  test.each(
    listed
      .filter(({ name }) => notRun(name)?.reason !== "a diagram")
      .map((block) => [block.name, block] as const),
  )("%s names programs, scripts and options that there are", async (_name, { text }) => {
    await runCommand(["bash", "-n", "-c", text.replaceAll(/<(\w+)>/g, "$1")], { timeoutSeconds: 60 });
    expect(await commandProblems(ROOT, text)).toEqual([]);
  });

  test("every page is in order: no hook is for a block that is gone", () => {
    const starts = blocks.map(({ page, text }) => `${page}: ${text.split("\n")[0]}`);
    for (const [page, { before = {}, after = {} }] of Object.entries(GIVEN)) {
      for (const first of [...Object.keys(before), ...Object.keys(after)]) {
        expect(starts).toContain(`${page}: ${first}`);
      }
    }
  });
});
