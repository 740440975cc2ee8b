import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { AWS_PROVIDER } from "../../../scripts/cli/render/cli-config.js";
import { AWS_PROVIDER_VERSION } from "../../../scripts/setup/provider-mirror.js";
import type { SetUp } from "../../../scripts/setup/set-up.js";
import { runCommand } from "../../../scripts/system/command.js";
import { startService } from "../../../scripts/system/service.js";
import type { TestEmulator } from "../emulator.js";
import { startAttachedProvider } from "../provider/attached.js";

/** The AWS provider and ours, each in a process that outlives a run of Terraform. */
export interface AttachedProviders {
  /** Of runs of Terraform that attach to them: the tools, the emulator, and where the providers listen. */
  readonly env: Readonly<Record<string, string | undefined>>;
  stop(): Promise<void>;
}

const START_TIMEOUT_SECONDS = 120;
const ATTACH = /TF_REATTACH_PROVIDERS='(\{.*\})'/;

/**
 * Starts both for runs against this emulator, one run at a time: the AWS provider keeps what a run has configured until the next
 * one configures it anew. A start of it costs more than most that it is asked to do, and an apply alone has four.
 */
export async function attachProviders(tools: SetUp, emulator: TestEmulator): Promise<AttachedProviders> {
  const folder = await mkdtemp(path.join(tmpdir(), "muster-attached-"));
  const base = { PATH: process.env["PATH"] ?? "", HOME: folder, ...emulator.env };
  const [aws, muster] = await Promise.all([
    startAws(tools, folder, base),
    startAttachedProvider(emulator.env),
  ]);
  const ours = muster.env.TF_REATTACH_PROVIDERS;
  const both = { ...(JSON.parse(aws.ready) as object), ...(JSON.parse(ours) as object) };
  return {
    env: { ...process.env, ...emulator.env, ...tools.env, TF_REATTACH_PROVIDERS: JSON.stringify(both) },
    async stop() {
      await Promise.all([aws.stop(), muster.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Terraform itself fetches its program, from the mirror, which may have it packed. */
async function startAws(tools: SetUp, folder: string, env: Readonly<Record<string, string>>) {
  const required = `aws = { source = "hashicorp/aws", version = "${AWS_PROVIDER_VERSION}" }`;
  await writeFile(
    path.join(folder, "main.tf"),
    `terraform {\n  required_providers {\n    ${required}\n  }\n}\n`,
  );
  await runCommand([tools.terraform, `-chdir=${folder}`, "init", "-input=false", "-no-color"], {
    env: { ...env, ...tools.env },
    timeoutSeconds: START_TIMEOUT_SECONDS,
  });
  const version = path.join(folder, ".terraform/providers", AWS_PROVIDER, AWS_PROVIDER_VERSION);
  const [platform = ""] = await readdir(version);
  const program = (await readdir(path.join(version, platform))).find((name) =>
    name.startsWith("terraform-provider-"),
  );
  return startService([path.join(version, platform, program ?? "nowhere"), "-debug"], {
    name: "The attached AWS provider",
    env,
    readReady: (line) => ATTACH.exec(line)?.[1] ?? null,
    timeoutSeconds: START_TIMEOUT_SECONDS,
  });
}
