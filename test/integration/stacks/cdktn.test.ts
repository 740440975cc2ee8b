import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { runCommand } from "../../../scripts/system/command.js";

const ROOT = resolve(__dirname, "../../..");
/** What the stacks import, directly or not. */
const SOURCES = [
  "agent/contract",
  "agent/image",
  "provider",
  "stacks",
  "package.json",
  "tsconfig.json",
] as const;
/** CDK Terrain's names for CDKTF's packages; docs/guides/library.md says the same. */
const RENAMED = [
  [/(["'])cdktf\1/g, '"cdktn"'],
  [/(["'])@cdktf\/provider-aws\//g, "$1@cdktn/provider-aws/"],
] as const;
const NPM_SECONDS = 240;
const MUSTER_YAML = `org: {name: demo, region: us-east-1}
clusters:
- name: alpha
  nodes: 2
  idleTimeoutMinutes: 30
  monitoring: {}
  jobDefinitions:
  - {name: nightly, command: [-m, mpi4py.bench, helloworld], run: manual}
  notebooks: [{name: explore}]
`;

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "muster-cdktn-"));
  // GIVEN CDK Terrain's packages, beside all others that the sources import
  await cp(join(ROOT, "test/fixtures/cdktn"), work, { recursive: true });
  const install = ["npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"] as const;
  await runCommand(install, { cwd: work, timeoutSeconds: NPM_SECONDS });
  const own = await readdir(join(work, "node_modules"));
  for (const name of await readdir(join(ROOT, "node_modules"))) {
    if (own.includes(name) || /^(\.|@?cdktf)/.test(name)) continue;
    await symlink(join(ROOT, "node_modules", name), join(work, "node_modules", name));
  }
  // AND a copy of the sources, with the imports renamed
  const files = execFileSync("git", ["ls-files", ...SOURCES], { cwd: ROOT, encoding: "utf8" })
    .trim()
    .split("\n");
  for (const file of files) {
    const text = await readFile(join(ROOT, file), "utf8");
    const renamed = file.endsWith(".ts")
      ? RENAMED.reduce((now, [from, to]) => now.replace(from, to), text)
      : text;
    await mkdir(dirname(join(work, "project", file)), { recursive: true });
    await writeFile(join(work, "project", file), renamed);
  }
  await writeFile(join(work, "muster.yaml"), MUSTER_YAML);
}, NPM_SECONDS * 1000);
afterAll(() => rm(work, { recursive: true, force: true }));

type Json = Readonly<Record<string, unknown>>;

/** The stacks that a checkout synthesises, by name. */
async function synthesise(project: string): Promise<Readonly<Record<string, Json>>> {
  const out = join(work, `out-${project === ROOT ? "cdktf" : "cdktn"}`);
  const loader = join(ROOT, "node_modules/tsx/dist/loader.mjs");
  const env = { PATH: process.env["PATH"], MUSTER_CONFIG: join(work, "muster.yaml"), CDKTF_OUTDIR: out };
  await runCommand([process.execPath, "--import", loader, "stacks/main.ts"], {
    ...{ cwd: project, env, timeoutSeconds: NPM_SECONDS },
  });
  const names = (await readdir(join(out, "stacks"))).sort();
  const texts = names.map(async (name) => readFile(join(out, "stacks", name, "cdk.tf.json"), "utf8"));
  return Object.fromEntries(
    (await Promise.all(texts)).map((text, index) => [names[index], JSON.parse(text)]),
  );
}

/** Without the versions of the generator and of the AWS provider, and with the provider's source in one spelling. */
const comparable = (stack: Json): unknown =>
  JSON.parse(JSON.stringify(stack), (key, value: unknown) => {
    if (key === "metadata") return { ...(value as object), version: null };
    if (key === "aws" && typeof value === "object" && value !== null && "source" in value)
      return { source: "hashicorp/aws" };
    return value;
  });

test(
  "with CDK Terrain's names in the imports the stacks are the same, but for the versions of the providers",
  async () => {
    const [before, after] = [await synthesise(ROOT), await synthesise(join(work, "project"))];
    expect(Object.keys(after)).toEqual(["muster_demo", "muster_demo_alpha", "muster_demo_notebook_explore"]);
    for (const [name, stack] of Object.entries(after)) {
      expect(comparable(stack)).toEqual(comparable(before[name] ?? {}));
      // It is another version indeed.
      expect(JSON.stringify(stack)).toMatch(/"hashicorp\/aws","version":"6\./);
    }
  },
  NPM_SECONDS * 1000,
);

test("and the compiler accepts them", async () => {
  const project = join(work, "project");
  const config = { extends: join(ROOT, "tsconfig.json"), include: ["stacks", "provider/bindings"] };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  await runCommand([process.execPath, tsc, "--project", project], { timeoutSeconds: NPM_SECONDS });
});
