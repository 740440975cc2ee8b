import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AWS_PROVIDER } from "../../../scripts/cli/render/cli-config.js";
import { AWS_PROVIDER_VERSION } from "../../../scripts/setup/provider-mirror.js";
import { runCommand } from "../../../scripts/system/command.js";
import { GOAL, medianStart, missedGoals, renderStarts } from "../report.js";
import { measureStart, type Start, type Subject } from "../start.js";
import type { BenchSetting, BenchSubject } from "../subject.js";
import { AWS, MUSTER, requiring } from "../terraform.js";

/** The provider's start beside the AWS provider's. */
export const startSubject = (runs: number): BenchSubject => ({
  name: "start",
  async measure(setting) {
    const starts = await measureStarts(await installProviders(setting), runs);
    const missed = missedGoals(starts["muster"] ?? GOAL);
    return { text: renderStarts(starts, runs), json: { runs, starts, goal: GOAL }, missed };
  },
});

/** Both providers as Terraform installs them, from whatever kind of mirror they are in. */
async function installProviders({ work, ready }: BenchSetting): Promise<readonly Subject[]> {
  await writeFile(join(work, "main.tf"), requiring(MUSTER, AWS));
  await runCommand(["terraform", "init", "-input=false", "-no-color"], {
    cwd: work,
    env: { ...process.env, ...ready.env },
    timeoutSeconds: 120,
  });
  const platform = `linux_${process.arch === "x64" ? "amd64" : process.arch}`;
  const programIn = async (provider: string): Promise<string> => {
    const versions = join(work, ".terraform/providers", provider);
    const folder = join(versions, (await readdir(versions))[0] ?? "", platform);
    const file = (await readdir(folder)).find((name) => name.startsWith("terraform-provider-"));
    return join(folder, file ?? "terraform-provider-");
  };
  return [
    {
      name: "muster",
      program: await programIn("registry.terraform.io/muster/muster"),
      schemaCall: "/tfplugin6.Provider/GetProviderSchema",
    },
    {
      name: `hashicorp/aws ${AWS_PROVIDER_VERSION}`,
      program: await programIn(AWS_PROVIDER),
      schemaCall: "/tfplugin5.Provider/GetSchema",
    },
  ];
}

/** Taken in turns, so that whatever else the machine does meets both. */
async function measureStarts(subjects: readonly Subject[], runs: number): Promise<Record<string, Start>> {
  const starts = new Map<string, Start[]>(subjects.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const subject of subjects) starts.get(subject.name)?.push(await measureStart(subject));
  }
  return Object.fromEntries([...starts].map(([name, measured]) => [name, medianStart(measured)]));
}
