import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { findOnPath } from "../system/find-on-path.js";
import { cacheRoot } from "../system/paths.js";
import { installDebianPackage } from "./debian-package.js";
import { installIntoVenv } from "./venv.js";

/** Brings the schemas of GitHub's workflows and GitLab's configurations, and asks no service. */
const CHECK_JSONSCHEMA = "0.39.0";
const INSTALL_TIMEOUT_SECONDS = 300;

/** The programs that look for mistakes in pipelines. */
export interface PipelineLint {
  readonly checkJsonschema: string;
  readonly shellcheck: string;
}

/**
 * check-jsonschema, pinned, in a Python environment of the project's own, and Debian's shellcheck; each is installed unless it is there. Only a
 * test uses them: `setUp` does without. Throws where no package index has one. May run concurrently.
 */
export async function providePipelineLint(say: (line: string) => void): Promise<PipelineLint> {
  const cache = cacheRoot();
  const venv = join(cache, `check-jsonschema-${CHECK_JSONSCHEMA}`);
  if (!existsSync(venv)) {
    await mkdir(cache, { recursive: true });
    say(`pipelines: installing check-jsonschema ${CHECK_JSONSCHEMA} into ${cache} (10 s)`);
    await installIntoVenv(cache, venv, `check-jsonschema==${CHECK_JSONSCHEMA}`);
  }
  if (findOnPath("shellcheck") === undefined) {
    say("pipelines: installing shellcheck");
    await installDebianPackage("shellcheck", INSTALL_TIMEOUT_SECONDS);
  }
  return {
    checkJsonschema: join(venv, "bin/check-jsonschema"),
    shellcheck: findOnPath("shellcheck") ?? "shellcheck",
  };
}
