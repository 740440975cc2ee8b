import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { installIntoVenv } from "../../scripts/setup/venv.js";
import { cacheRoot } from "../../scripts/system/paths.js";

/** The path of the uv that nodes have, installed now if need be. Only root may enter its folder. */
export async function provideUv(): Promise<string> {
  const requirement = readFileSync("agent/image/uv.txt", "utf8").split(" ")[0] ?? "";
  const venv = join(cacheRoot(), requirement.replace("==", "-"));
  await mkdir(cacheRoot(), { recursive: true });
  if (!existsSync(venv)) await installIntoVenv(cacheRoot(), venv, requirement);
  return join(venv, "bin/uv");
}

/** Writes a wheel of one module, `name`, into the folder. */
export function makeWheel(
  folder: string,
  wheel: {
    readonly name: string;
    readonly version: string;
    readonly text?: string;
    readonly requires?: string[];
  },
): void {
  const { name, version, text = "", requires = [] } = wheel;
  const program = resolve("test/fixtures/environments/make_wheel.py");
  execFileSync("python3", [program, folder, name, version, text, ...requires]);
}
