import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AWS_PROVIDER } from "../../../scripts/cli/render/cli-config.js";
import { AWS_PROVIDER_VERSION } from "../../../scripts/setup/provider-mirror.js";
import { runCommand } from "../../../scripts/system/command.js";
import { byTurns, median } from "../median.js";
import type { BenchPart, BenchSetting } from "../part.js";
import { type BareNode, measureBareNode } from "../provider/bare.js";
import { writeFloor } from "../provider/floor.js";
import { measureStart, type Start, type Subject } from "../provider/start.js";
import { AWS, MUSTER, requiring } from "../provider/terraform.js";
import { type Goal, type Measured, timesAtMost, type Unit } from "../row.js";

/** The provider's start beside a bare Node.js, the least that one on Node.js can do, and the AWS provider. */
export const providerPart: BenchPart = {
  name: "provider",
  needs: "linux",
  async measure(setting) {
    const { runs } = setting.sizes;
    const [ours, peer] = await installProviders(setting);
    const floor = await writeFloor(setting.work, ours.schemaCall, SCHEMA_BYTES);
    const taken = await byTurns(
      {
        ours: () => measureStart(ours),
        floor: () => measureStart(floor),
        peer: () => measureStart(peer),
        bare: measureBareNode,
      },
      runs,
    );
    const peers = [
      { name: floor.name, starts: taken.floor },
      { name: peer.name, starts: taken.peer },
    ];
    return startRows({ ours: taken.ours, bare: taken.bare, peers });
  },
};

/** As many as our own answer has, about. */
const SCHEMA_BYTES = 32_000;

/** What a start may cost, in times of a bare Node.js's. */
const GOALS = {
  handshakeMs: timesAtMost(1.5),
  schemaMs: timesAtMost(1.8),
  rssMb: timesAtMost(1.25),
} as const satisfies Readonly<Record<keyof Start, Goal>>;

const LABELS = {
  handshakeMs: ["start to handshake", "ms"],
  schemaMs: ["start to schema", "ms"],
  rssMb: ["memory with the schema", "MB"],
} as const satisfies Readonly<Record<keyof Start, readonly [string, Unit]>>;

/** Each measure by its own median: no single start need have had them all. */
export function startRows({
  ours,
  bare,
  peers,
}: {
  readonly ours: readonly Start[];
  readonly bare: readonly BareNode[];
  readonly peers: readonly { readonly name: string; readonly starts: readonly Start[] }[];
}): readonly Measured[] {
  const bareMs = median(bare.map(({ wholeMs }) => wholeMs));
  const ofBare = { handshakeMs: bareMs, schemaMs: bareMs, rssMb: median(bare.map(({ rssMb }) => rssMb)) };
  return (Object.keys(LABELS) as (keyof Start)[]).flatMap((key) => {
    const [what, unit] = LABELS[key];
    const row = { what, unit, ours: median(ours.map((start) => start[key])) };
    return [
      { ...row, beside: { name: "node -e 0", value: ofBare[key] }, goal: GOALS[key] },
      ...peers.map(({ name, starts }) => ({
        ...row,
        beside: { name, value: median(starts.map((start) => start[key])) },
      })),
    ];
  });
}

/** Both providers as Terraform installs them, from whatever kind of mirror they are in. */
async function installProviders({ work, ready }: BenchSetting): Promise<readonly [Subject, Subject]> {
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
