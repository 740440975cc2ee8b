import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buildCheckout } from "../build/build-all.js";
import { renderCliConfig } from "../cli/render/cli-config.js";
import { cacheRoot } from "../system/paths.js";
import { writeFileAtomically } from "./files.js";
import { provideMoto } from "./moto.js";
import { downloadProvider, findProviderMirror } from "./provider-mirror.js";
import { provideTerraform } from "./terraform.js";

/** What the set-up returns to the program that called it. */
export interface SetUp {
  /** Variables to add to the environment of cdktf, terraform and tests. */
  readonly env: Readonly<Record<string, string>>;
  readonly terraform: string;
  readonly awsProviderMirror: string;
}

export interface SetUpOptions {
  /** The project's folder; its dist/terraform-mirror is where Terraform finds our provider. */
  readonly projectRoot: string;
  /** Called with each step, a line at a time; not called if there is nothing to do. */
  readonly say: (line: string) => void;
}

/**
 * Everything after scripts/setup/bootstrap.sh: Terraform, the AWS provider, the emulator, Terraform's configuration, and a
 * build of our programs as the sources are. Cached: two seconds if everything is there. May run twice, concurrently, and after a failure.
 */
export async function setUp({ projectRoot, say }: SetUpOptions): Promise<SetUp> {
  const cache = cacheRoot();
  await mkdir(cache, { recursive: true });
  const [terraform] = await Promise.all([
    timed(say, "terraform", () => provideTerraform(cache, say)),
    timed(say, "AWS emulator", () => provideMoto(cache, say)),
  ]);
  const awsProviderMirror =
    findProviderMirror(cache) ??
    (await timed(say, "AWS provider", () => downloadProvider(cache, terraform.path, say)));
  await timed(say, "build", () => buildCheckout(projectRoot));
  const config = renderCliConfig(join(projectRoot, "dist/terraform-mirror"), awsProviderMirror);
  const configPath = join(cache, `terraform-${shortHash(projectRoot)}.tfrc`);
  if ((await readFile(configPath, "utf8").catch(() => "")) !== config)
    await writeFileAtomically(configPath, config);
  return {
    terraform: terraform.path,
    awsProviderMirror,
    env: {
      PATH: `${dirname(terraform.path)}:${process.env["PATH"] ?? ""}`,
      TERRAFORM_BINARY_NAME: terraform.path,
      TF_CLI_CONFIG_FILE: configPath,
      CHECKPOINT_DISABLE: "1",
      // cdktf's cache is the user's: all checkouts share it, but each builds a different provider of the same version. Mirrors
      // need no cache: Terraform only links to them.
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: "1",
    },
  };
}

const QUIET_BELOW_MS = 2000;

/** Prints how long a step took, unless it was very short. */
async function timed<T>(say: (line: string) => void, step: string, work: () => Promise<T>): Promise<T> {
  const startedAtMs = Date.now();
  const result = await work();
  const ms = Date.now() - startedAtMs;
  if (ms >= QUIET_BELOW_MS) say(`${step}: ${(ms / 1000).toFixed(1)} s`);
  return result;
}

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);
