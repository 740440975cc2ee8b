import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CreateTagsCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient, ListOpenIDConnectProvidersCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { TAG } from "../../../agent/contract/names.js";
import { buildAll } from "../../../scripts/build/build-all.js";
import { renderPipeline } from "../../../scripts/cli/core/pipeline-example.js";
import { renderImages } from "../../../scripts/local/emulator/images.js";
import { providePipelineLint } from "../../../scripts/setup/pipeline-lint.js";
import { type SetUp, setUp } from "../../../scripts/setup/set-up.js";
import { runProgram } from "../../../scripts/system/program.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { type FakeGitlab, startFakeGitlab } from "../../support/pipelines/gitlab.js";
import { openPipelineProject, type PipelineProject } from "../../support/pipelines/project.js";
import { type AttachedProviders, attachProviders } from "../../support/stacks/attached.js";

const ROOT = path.join(__dirname, "../../..");
const LIMIT_MS = 300_000;
const BUCKET = "acme-terraform-state";
const LOCK = { Bucket: BUCKET, Key: "muster/demo/org.tfstate.tflock" };
const textOf = (kind: "github" | "gitlab" | "shell"): string =>
  renderPipeline(kind, { region: "us-east-1" })?.text ?? "";

interface Step {
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}
const GITHUB = parse(textOf("github")) as { jobs: Record<string, { steps: readonly Step[] }> };
const GITLAB = parse(textOf("gitlab")) as Record<
  string,
  { readonly script?: readonly string[]; readonly before_script?: readonly string[] }
>;
const GITLAB_FIRST = GITLAB["default"]?.before_script ?? [];

let emulator: TestEmulator;
let tools: SetUp;
let providers: AttachedProviders;
let project: PipelineProject;
let gitlab: FakeGitlab;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  [emulator, tools, gitlab] = await Promise.all([
    startEmulator({ images: renderImages("0123456789abcdef") }),
    setUp({ projectRoot: ROOT, say: () => undefined }),
    startFakeGitlab(),
  ]);
  // Plans and deploys come one after another.
  providers = await attachProviders(tools, emulator);
  project = openPipelineProject(ROOT);
  project.standIn("npm", '[ "$*" = ci ]');
  writeFileSync(path.join(project.folder, "muster-pipeline.sh"), textOf("shell"));
  const org = "org: {name: demo, region: us-east-1}\n";
  writeFileSync(
    path.join(project.folder, "muster.yaml"),
    `${org}state: {type: s3, bucket: ${BUCKET}}\nclusters: []\n`,
  );
  await s3().send(new CreateBucketCommand({ Bucket: BUCKET }));
  env = { ...providers.env, CI: "1" };
}, LIMIT_MS);
afterAll(async () => {
  await providers?.stop();
  await gitlab?.stop();
  await emulator?.stop();
  project?.remove();
});

const s3 = () => new S3Client({ ...emulator.client, forcePathStyle: true });
const isLocked = (): Promise<boolean> =>
  s3()
    .send(new HeadObjectCommand(LOCK))
    .then(
      () => true,
      () => false,
    );
const inProject = (name: string): string => readFileSync(path.join(project.folder, name), "utf8");

describe("each pipeline passes its lint:", () => {
  const lint = async (argv: readonly [string, ...string[]]) => {
    const lines: string[] = [];
    const { exitCode } = await runProgram(argv, {
      onLine: (line) => lines.push(line),
      timeoutSeconds: 60,
    });
    return { exitCode, output: lines.join("\n") };
  };
  const written = (kind: "github" | "gitlab" | "shell", text = textOf(kind)): string => {
    const file = path.join(project.folder, `${kind}.lint`);
    writeFileSync(file, text);
    return file;
  };

  test.each([
    ["github", "vendor.github-workflows"],
    ["github", "custom.github-workflows-require-timeout"],
    ["gitlab", "vendor.gitlab-ci"],
  ] as const)(
    "%s by the schema %s, which refuses another text",
    async (kind, schema) => {
      const { checkJsonschema } = await providePipelineLint(() => undefined);
      const argv = [checkJsonschema, "--builtin-schema", schema, "--default-filetype", "yaml"] as const;
      // `timeout-minutes` is what both schemas of GitHub know.
      const broken = textOf(kind)
        .replace(/timeout-minutes: 30/, "no-such-key: 30")
        .replace(/interruptible: true/, "interruptible: 7");
      const data = kind === "gitlab" ? (["--data-transform", "gitlab-ci"] as const) : [];
      expect(await lint([...argv, ...data, written(kind)])).toMatchObject({ exitCode: 0 });
      expect(await lint([...argv, ...data, written(kind, broken)])).toMatchObject({ exitCode: 1 });
    },
    LIMIT_MS,
  );

  test(
    "every shell text by shellcheck",
    async () => {
      const { shellcheck } = await providePipelineLint(() => undefined);
      const steps = Object.values(GITHUB.jobs).flatMap((job) => job.steps.flatMap(({ run }) => run ?? []));
      const jobs = Object.values(GITLAB).flatMap(({ script }) => (script === undefined ? [] : [script]));
      const texts = [
        ["github", `#!/bin/bash\nset -e\n${steps.join("\n")}`],
        ["gitlab", `#!/bin/bash\nset -eo pipefail\n${GITLAB_FIRST.join("\n")}`],
        ...jobs.map((script) => ["gitlab", `#!/bin/bash\nset -eo pipefail\n${script.join("\n")}`] as const),
        ["shell", textOf("shell")],
      ] as const;
      for (const [kind, text] of texts) {
        const { output } = await lint([shellcheck, "--norc", written(kind, text)]);
        // What a step makes of single quotes is jq's or Node.js's; variables are the job's.
        expect(
          output.split("\n").filter((line) => /SC\d+/.test(line) && !/SC2016|SC2154/.test(line)),
        ).toEqual([]);
      }
      const { exitCode } = await lint([shellcheck, "--norc", written("shell", "#!/bin/bash\nrm $1\n")]);
      expect(exitCode).toBe(1);
    },
    LIMIT_MS,
  );
});

describe("GitHub's steps", () => {
  const ran = async (job: string) => {
    const exits: (number | null)[] = [];
    const outputs: string[] = [];
    for (const { run, env: ofStep = {} } of GITHUB.jobs[job]?.steps ?? []) {
      if (run === undefined) continue;
      expect(run).not.toContain("${{");
      const given = "PULL_REQUEST" in ofStep ? { PULL_REQUEST: "3", GH_TOKEN: "t" } : {};
      const summary = path.join(project.folder, "summary.md");
      const own = { GITHUB_REPOSITORY: "acme/clusters", GITHUB_STEP_SUMMARY: summary, ...given };
      const { exitCode, output } = await project.run(run, { env: { ...env, ...own } });
      exits.push(exitCode);
      outputs.push(output);
    }
    return { exits, output: outputs.join("\n") };
  };

  beforeAll(() => {
    project.standIn(
      "gh",
      'echo "$*" >>gh.log\ncase "$*" in *--paginate*) test ! -e comment.md || echo 17 ;; *) cp plan.md comment.md ;; esac',
    );
  });

  test(
    "plan what is not deployed, and write one comment, which the next run changes",
    async () => {
      const { exits, output } = await ran("plan");
      expect({ exits, output }).toEqual({ exits: [0, 0, 0, 0], output: expect.anything() });
      expect(inProject("comment.md")).toMatch(/^<!-- muster plan -->\n[\s\S]*`muster_demo: \d+ to create`/);
      const comment = GITHUB.jobs["plan"]?.steps.at(-1)?.run ?? "";
      const { exitCode } = await project.run(comment, {
        env: { ...env, GITHUB_REPOSITORY: "acme/clusters", PULL_REQUEST: "3" },
      });
      expect(exitCode).toBe(0);
      const calls = inProject("gh.log")
        .split("\n")
        .filter((line) => line.includes("--method"));
      expect(calls).toEqual([
        "api --silent --method POST repos/acme/clusters/issues/3/comments --field body=@plan.md",
        "api --silent --method PATCH repos/acme/clusters/issues/comments/17 --field body=@plan.md",
      ]);
    },
    LIMIT_MS,
  );

  test(
    "deploy",
    async () => {
      const { exits, output } = await ran("deploy");
      if (exits.at(-1) !== 0) throw new Error(output.slice(-4_000));
      const filter = { Name: `tag:${TAG.ORG}`, Values: ["demo"] };
      const { Vpcs } = await new EC2Client(emulator.client).send(
        new DescribeVpcsCommand({ Filters: [filter] }),
      );
      expect(Vpcs).toHaveLength(1);
      expect(await isLocked()).toBe(false);
    },
    LIMIT_MS,
  );

  test(
    "find no drift, and reap nothing; after a change they find it",
    async () => {
      const { exits, output } = await ran("nightly");
      if (exits.some((exit) => exit !== 0)) throw new Error(output.slice(-4_000));
      expect(inProject("summary.md")).toContain("`muster_demo: unchanged`");
      writeFileSync(
        path.join(project.folder, "muster.yaml"),
        inProject("muster.yaml").replace("us-east-1}", "us-east-1, tags: {team: physics}}"),
      );
      const [, drift] = (GITHUB.jobs["nightly"]?.steps ?? []).flatMap(({ run }) => run ?? []);
      expect(await project.run(drift ?? "", { env })).toMatchObject({ exitCode: 1 });
      expect(inProject("drift.md")).toMatch(/`muster_demo: .*\d+ to update/);
    },
    LIMIT_MS,
  );

  test(
    "list what is left of an org that is there",
    async () => {
      const { exits, output } = await ran("leftovers");
      expect(exits).toEqual([0, 1]);
      expect(output).toContain("left: VPC");
    },
    LIMIT_MS,
  );
});

describe("the roles that `muster account pipeline` writes", () => {
  /** From now on the emulator checks signatures and policies, or stops to. */
  const enforce = (isOn: boolean) =>
    fetch(`${emulator.url}/moto-api/reset-auth`, { method: "POST", body: isOn ? "0" : "1000000" });
  const done = async (step: string): Promise<string> => {
    const { exitCode, output } = await project.run(step, { env });
    if (exitCode !== 0) throw new Error(`${step} ended with ${exitCode}:\n${output.slice(-4_000)}`);
    return output;
  };
  /** EC2 as a job calls it that has the role. The emulator takes any token. */
  const inRole = async (purpose: "deploy" | "plan"): Promise<EC2Client> => {
    const RoleArn = `arn:aws:iam::123456789012:role/muster-account/pipeline-${purpose}-demo-us-east-1`;
    const { Credentials } = await new STSClient(emulator.client).send(
      new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: "job", WebIdentityToken: "token" }),
    );
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    };
    return new EC2Client({ ...emulator.client, credentials });
  };

  test(
    "are deployed with the identity provider; the one may look and make nothing, the other makes",
    async () => {
      await buildAll(ROOT, () => undefined, ["library"]);
      const [, deployRoles = ""] =
        /^ {2}(npx cdktf deploy .*)$/m.exec(await done("npx muster account pipeline github acme/clusters")) ??
        [];
      await done(`${deployRoles} --auto-approve --skip-provider-lock`);
      const iam = new IAMClient(emulator.client);
      const { OpenIDConnectProviderList = [] } = await iam.send(new ListOpenIDConnectProvidersCommand({}));
      expect(OpenIDConnectProviderList.map(({ Arn }) => Arn)).toEqual([
        "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
      ]);
      const [plan, deploy] = [await inRole("plan"), await inRole("deploy")];
      await enforce(true);
      try {
        // The emulator knows no conditions, and of the rights to make something only those on all resources.
        const { Vpcs = [] } = await plan.send(new DescribeVpcsCommand({}));
        const change = new CreateTagsCommand({
          Resources: Vpcs.slice(0, 1).map(({ VpcId = "" }) => VpcId),
          Tags: [{ Key: "team", Value: "physics" }],
        });
        await expect(plan.send(change)).rejects.toThrow(/not authorized to perform: ec2:CreateTags/);
        await deploy.send(change);
      } finally {
        await enforce(false);
      }
    },
    LIMIT_MS,
  );
});

describe("a lock that a killed Terraform has left", () => {
  test(
    "is explained by a deploy, and removed by the commands that it names",
    async () => {
      // GIVEN a Terraform that is killed while it holds the state of the org
      const folder = path.join(project.folder, "killed");
      mkdirSync(folder);
      const backend = `bucket = "${BUCKET}"\n key = "muster/demo/org.tfstate"\n region = "us-east-1"`;
      writeFileSync(
        path.join(folder, "main.tf"),
        [
          `terraform {\n backend "s3" {\n ${backend}\n use_lockfile = true\n use_path_style = true\n }\n}`,
          'resource "terraform_data" "slow" {\n provisioner "local-exec" {\n command = "sleep 30"\n }\n}',
        ].join("\n"),
      );
      const plain = { ...env, TF_REATTACH_PROVIDERS: undefined };
      const terraform = (...args: string[]) =>
        runProgram([tools.terraform, `-chdir=${folder}`, ...args, "-input=false"], {
          ...{ env: plain, timeoutSeconds: 60, onLine: () => undefined },
        });
      expect(await terraform("init")).toMatchObject({ exitCode: 0 });
      const target = "-target=terraform_data.slow";
      const killed = spawn(
        tools.terraform,
        [`-chdir=${folder}`, "apply", "-auto-approve", "-refresh=false", target],
        { env: plain, stdio: "ignore", detached: true },
      );
      const hasEnded = new Promise((resolve) => killed.once("close", resolve));
      await waitFor<boolean>({
        ...{ what: "the lock", timeoutSeconds: 60, everyMs: 100, look: isLocked },
        ...{ isDone: (seen) => seen, describe: (seen) => (seen ? "locked" : "not locked") },
      });
      if (killed.pid !== undefined) process.kill(-killed.pid, "SIGKILL");
      await hasEnded;

      // WHEN
      const { exitCode, output } = await project.run(textOf("shell"), {
        env,
        shell: ["-c", 'bash "$0" deploy'],
      });

      // THEN
      expect(exitCode).toBe(1);
      expect(output).toContain(`The state ${BUCKET}/muster/demo/org.tfstate is locked: `);
      expect(output).toContain("First see that no run goes");
      const next = output.split("\n").filter((line) => line.startsWith("  terraform -chdir="));
      expect(next).toHaveLength(2);
      expect(await isLocked()).toBe(true);
      expect(await project.run(next.join("\n"), { env })).toMatchObject({ exitCode: 0 });
      expect(await isLocked()).toBe(false);
    },
    LIMIT_MS,
  );
});

describe("the other systems' steps, in order, with stand-ins for the commands that GitHub's have run", () => {
  const logged = (): readonly string[] => inProject("npx.log").trim().split("\n");
  beforeAll(() => {
    project.standIn("npx", 'echo "$*" >>npx.log\necho "<!-- muster plan -->"');
    for (const name of ["unzip", "sha256sum"]) project.standIn(name, "cat >/dev/null </dev/null");
    project.standIn("curl", 'case "$*" in *releases.hashicorp.com*) ;; *) exec /usr/bin/curl "$@" ;; esac');
  });

  const COMMANDS = {
    plan: [
      "--no-install muster check --skip rights --skip dry-run",
      "--no-install muster plan --markdown --skip rights --skip dry-run",
    ],
    deploy: ["--no-install muster deploy --yes"],
    drift: ["--no-install muster plan --markdown --expect-none"],
    reap: ["--no-install muster reap"],
    leftovers: ["--no-install muster leftovers"],
  };

  test.each(Object.entries(COMMANDS))("%s, on GitLab and in a shell", async (job, commands) => {
    const own = {
      ...{ CI_API_V4_URL: gitlab.url, CI_PROJECT_ID: "7", CI_MERGE_REQUEST_IID: "3", CI_JOB_ID: "9" },
      ...{ AWS_ID_TOKEN: "t", ROLE: "arn", TERRAFORM: "1.11.4", MUSTER_GITLAB_TOKEN: "s3cret" },
    };
    writeFileSync(path.join(project.folder, "npx.log"), "");
    const script = [...GITLAB_FIRST, ...(GITLAB[job]?.script ?? [])].join("\n");
    expect(await project.run(script, { env: { ...env, ...own }, shell: ["-eo", "pipefail"] })).toMatchObject({
      exitCode: 0,
    });
    expect(logged()).toEqual(commands);
    writeFileSync(path.join(project.folder, "npx.log"), "");
    const { exitCode } = await project.run(`bash muster-pipeline.sh ${job}`, { env });
    expect({ exitCode, ran: logged() }).toEqual({ exitCode: 0, ran: commands });
  });

  test("GitLab's note is written once, then changed, and a person's stays", async () => {
    const script = (GITLAB["plan"]?.script ?? []).at(-1) ?? "";
    const own = { CI_API_V4_URL: gitlab.url, CI_PROJECT_ID: "7", CI_MERGE_REQUEST_IID: "3" };
    const token = { MUSTER_GITLAB_TOKEN: "s3cret" };
    writeFileSync(path.join(project.folder, "plan.md"), "<!-- muster plan -->\nsecond & <third>\n");
    const shell = ["-eo", "pipefail"];
    expect(await project.run(script, { env: { ...env, ...own, ...token }, shell })).toMatchObject({
      exitCode: 0,
    });
    expect(gitlab.notes.map(({ body }) => body)).toEqual([
      "a person's",
      "<!-- muster plan -->\nsecond & <third>\n",
    ]);
    expect(gitlab.calls.map(({ method }) => method)).toEqual(["GET", "POST", "GET", "PUT"]);
    expect(new Set(gitlab.calls.map(({ token: used }) => used))).toEqual(new Set(["s3cret"]));
    const without = await project.run(script, { env: { ...env, ...own }, shell });
    expect(without).toMatchObject({ exitCode: 0, output: expect.stringContaining("MUSTER_GITLAB_TOKEN") });
    expect(gitlab.calls).toHaveLength(4);
  });

  test("the shell's script refuses another task, and runs nothing", async () => {
    writeFileSync(path.join(project.folder, "npx.log"), "");
    expect(await project.run("bash muster-pipeline.sh destroy", { env })).toMatchObject({ exitCode: 2 });
    expect(existsSync(path.join(project.folder, "npx.log")) && inProject("npx.log")).toBe("");
  });
});
