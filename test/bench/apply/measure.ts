import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../../scripts/system/command.js";

/** A resource type, `count` of which are planned and applied. */
export interface Load {
  readonly name: string;
  /** The configuration of that many, whose names begin with the prefix. */
  readonly hcl: (count: number, prefix: string) => string;
}

/** Terraform's whole run, from its start to its end. */
export interface Apply {
  readonly name: string;
  readonly count: number;
  readonly planSeconds: number;
  readonly applySeconds: number;
}

const RUN_LIMIT_SECONDS = 600;

/** Plans and applies in a fresh folder below `work`; what it made stays in the emulator, which is thrown away. */
export async function measureApply(
  { name, hcl }: Load,
  count: number,
  {
    work,
    env,
    prefix = `of-${count}`,
  }: { readonly work: string; readonly env: NodeJS.ProcessEnv; readonly prefix?: string },
): Promise<Apply> {
  const cwd = join(work, `${name}-${count}`);
  await mkdir(cwd);
  await writeFile(join(cwd, "main.tf"), hcl(count, prefix));
  const run = async (...args: readonly string[]): Promise<number> => {
    const startedAtMs = performance.now();
    await runCommand(["terraform", ...args, "-no-color", "-input=false"], {
      cwd,
      env,
      timeoutSeconds: RUN_LIMIT_SECONDS,
    });
    return (performance.now() - startedAtMs) / 1000;
  };
  await run("init");
  const planSeconds = await run("plan", "-out=plan.bin");
  const applySeconds = await run("apply", "-auto-approve");
  return { name, count, planSeconds, applySeconds };
}
