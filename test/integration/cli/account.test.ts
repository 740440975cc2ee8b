import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { CONNECT_ACTIONS } from "../../../agent/contract/rights/callers.js";
import { roleCredentials } from "../../../scripts/cli/access/role.js";
import { buildTestBundle, type TestBundle } from "../../support/cli/bundle.js";
import { type ProcessSeen, watchProcess } from "../../support/cli/process-watch.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";

interface Keys {
  readonly arn: string;
  readonly id: string;
  readonly secret: string;
}
const NAME = "deploy-demo-us-east-1";
const PATIENCE_MS = 120_000;

let emulator: TestEmulator;
let bundle: TestBundle;
let folder: string;
let iam: IAMClient;
let admin: Keys;
let weak: Keys;
let ci: Keys;

/** From now on the emulator checks signatures and policies, or stops to. */
const enforce = (isOn: boolean) =>
  fetch(`${emulator.url}/moto-api/reset-auth`, { method: "POST", body: isOn ? "0" : "1000000" });

async function user(UserName: string, ...Action: string[]): Promise<Keys> {
  const { User } = await iam.send(new CreateUserCommand({ UserName }));
  const Statement = [{ Effect: "Allow", Action, Resource: "*" }];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "own", PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return {
    arn: User?.Arn ?? "",
    id: AccessKey?.AccessKeyId ?? "",
    secret: AccessKey?.SecretAccessKey ?? "",
  };
}

beforeAll(async () => {
  [emulator, bundle] = await Promise.all([startEmulator(), buildTestBundle()]);
  folder = mkdtempSync(join(tmpdir(), "muster-account-"));
  writeFileSync(join(folder, "muster.yaml"), "# ours\norg: {name: demo, region: us-east-1}\n");
  iam = new IAMClient(emulator.client);
  admin = await user("admin", ...CONNECT_ACTIONS);
  weak = await user("weak", "s3:ListAllMyBuckets");
  ci = await user("ci", "sts:AssumeRole");
  await enforce(true);
});
afterAll(async () => {
  iam?.destroy();
  await emulator?.stop();
  await bundle?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The command as ci runs it, with that on stdin. */
function muster(
  args: readonly string[],
  stdin = "",
): Promise<{ exitCode: number | null; out: string; err: string; seen: ProcessSeen }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(bundle.folder, "muster.cjs"), ...args], {
      cwd: folder,
      env: {
        PATH: process.env["PATH"],
        ...emulator.env,
        AWS_ACCESS_KEY_ID: ci.id,
        AWS_SECRET_ACCESS_KEY: ci.secret,
      },
      timeout: PATIENCE_MS,
    });
    const watch = watchProcess(child.pid ?? 0);
    const said = { out: "", err: "" };
    child.stdout.on("data", (piece: Buffer) => void Object.assign(said, { out: said.out + piece }));
    child.stderr.on("data", (piece: Buffer) => void Object.assign(said, { err: said.err + piece }));
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, ...said, seen: watch.stop() }));
    child.stdin.end(stdin);
  });
}
const connect = ({ id, secret }: Pick<Keys, "id" | "secret">) =>
  muster(["account", "connect", "--principal", ci.arn], `${id}\n${secret}\n`);
const declared = (): string => readFileSync(join(folder, "muster.yaml"), "utf8");
/** All that is in the folder where the command runs. */
const onDisk = (): string =>
  readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
const check = async () => {
  const { exitCode, out, err } = await muster(["account", "check", "--json"]);
  if (out === "") throw new Error(err);
  const { findings } = JSON.parse(out) as { findings: { check: string; state: string; message: string }[] };
  return { exitCode, findings, states: Object.fromEntries(findings.map((one) => [one.check, one.state])) };
};

describe("muster account, where AWS checks keys and policies", () => {
  test("tells keys that are not valid from keys that lack a right, and makes nothing", async () => {
    const unknown = await connect({ id: "AKIAUNKNOWNUNKNOWN00", secret: admin.secret });
    expect(unknown).toMatchObject({ exitCode: 1, err: expect.stringContaining("(keys-not-valid)") });
    const mistyped = await connect({ id: admin.id, secret: `${admin.secret.slice(0, -1)}x` });
    expect(mistyped).toMatchObject({ exitCode: 1, err: expect.stringContaining("(keys-not-valid)") });
    const lacking = await connect(weak);
    expect(lacking).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/iam:GetRole.*\(right-missing\)/),
    });
    for (const { out, err } of [unknown, mistyped, lacking])
      for (const secret of [admin.secret, weak.secret, weak.id, "AKIAUNKNOWNUNKNOWN00"])
        expect(out + err).not.toContain(secret);
    expect(declared()).not.toContain("roleArn");
  });

  test("makes the role with the keys, which ci then assumes with the external id alone", async () => {
    const made = await connect(admin);
    expect(made).toMatchObject({ exitCode: 0 });
    const arn = `arn:aws:iam::123456789012:role/muster-account/${NAME}`;
    expect(made.out).toBe(`${arn}\n`);
    expect(declared()).toContain(`roleArn: ${arn}`);
    expect(declared()).toMatch(/^# ours\n/);
    for (const secret of [admin.id, admin.secret])
      expect(made.err + made.out + onDisk()).not.toContain(secret);
    const { looks, argv, environment, files } = made.seen;
    // What is there is seen: its own credentials are in its environment, and its role in its arguments.
    expect(looks).toBeGreaterThan(2);
    expect([...environment].join()).toContain(ci.secret);
    expect([...argv].join()).toContain(ci.arn);
    for (const secret of [admin.id, admin.secret])
      for (const texts of [argv, environment, files]) expect([...texts].join("\n")).not.toContain(secret);
    const again = await connect(admin);
    expect(again).toMatchObject({ exitCode: 0, err: expect.stringContaining("The role was there") });
    const { exitCode, states } = await check();
    expect(exitCode).toBe(0);
    expect(states).toMatchObject({ role: "ok", "external id": "ok", account: "ok", region: "ok" });
  });

  test("leads other commands through the role", async () => {
    const { out } = await muster(["account", "show", "--json"]);
    expect(JSON.parse(out).caller).toMatch(new RegExp(`:assumed-role/${NAME}/muster-cli$`));
  });

  test("finds by simulation that the made policies allow every right, and calls that unproven", async () => {
    await enforce(false);
    const { exitCode, findings } = await check();
    expect(findings.find((one) => one.check === "rights")).toMatchObject({
      state: "unproven",
      message: expect.stringMatching(/^the role's policies allow all/),
    });
    expect(exitCode).toBe(0);
  });

  test("names the rights that lack once a policy is not attached any more, all at once", async () => {
    const PolicyArn = `arn:aws:iam::123456789012:policy/muster-account/${NAME}-1`;
    await iam.send(new DetachRolePolicyCommand({ RoleName: NAME, PolicyArn }));
    const { exitCode, findings } = await check();
    expect(findings.find((one) => one.check === "rights")).toMatchObject({
      state: "wrong",
      message: expect.stringMatching(/ec2:CreateVpc,.*ec2:DescribeVpcs/),
    });
    expect(exitCode).toBe(1);
  });

  test("has another session before the first ends, while a command runs for 90 minutes", async () => {
    const before = { ...process.env };
    Object.assign(process.env, emulator.env);
    const start = Date.now();
    const clock = jest.spyOn(Date, "now");
    try {
      const role = { roleArn: "arn:aws:iam::123456789012:role/other", externalId: null, stsRegion: null };
      const place = { region: "us-east-1", signal: AbortSignal.timeout(PATIENCE_MS), role };
      const used = new Set<string>();
      for (const minute of [0, 20, 54, 57, 75, 90]) {
        clock.mockReturnValue(start + minute * 60_000);
        used.add((await roleCredentials(place, "test")()).accessKeyId);
      }
      expect(used.size).toBeGreaterThan(1);
    } finally {
      clock.mockRestore();
      process.env = before;
    }
  });

  test("refuses the role as unsafe once it is assumed without the external id", async () => {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: NAME }));
    const { Statement } = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""));
    const { Condition: _, ...open } = Statement[0];
    await iam.send(
      new UpdateAssumeRolePolicyCommand({
        RoleName: NAME,
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [open] }),
      }),
    );
    const { exitCode, states } = await check();
    expect(exitCode).toBe(1);
    expect(states).toMatchObject({ role: "ok", "external id": "wrong" });
    const refused = await connect(admin);
    expect(refused).toMatchObject({ exitCode: 1, err: expect.stringContaining("(trust-not-right)") });
  });
});
