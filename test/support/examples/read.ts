import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobRequest } from "../../../agent/contract/registry.js";
import { provideWheels } from "./downloads.js";

const FOLDER = "examples/jobs";

/** An example: a folder that is a job's source, the rest of the job's request, and what the job prints. */
export interface Example {
  readonly name: string;
  readonly folder: string;
  readonly request: JobRequest;
  readonly expected: string;
}

export const EXAMPLES: readonly Example[] = readdirSync(FOLDER)
  .sort()
  .map((name) => {
    const folder = join(FOLDER, name);
    const read = (file: string) => readFileSync(join(folder, file), "utf8");
    return {
      name,
      folder,
      request: JSON.parse(read("job.json")) as JobRequest,
      expected: read("expected.txt"),
    };
  });

/** The example of that name. */
export function exampleOf(name: string): Example {
  const found = EXAMPLES.find((example) => example.name === name);
  if (found === undefined) throw new Error(`${FOLDER} has no example ${name}`);
  return found;
}

/** A copy of the example's folder. Nodes reach no index: it has the wheels too, and says so to uv. The caller removes it. */
export async function stageExample({ folder }: Example): Promise<string> {
  const staged = mkdtempSync(join(tmpdir(), "muster-example-"));
  cpSync(folder, staged, { recursive: true });
  const requirements = join(folder, "requirements.txt");
  if (existsSync(requirements)) {
    cpSync(await provideWheels(requirements), join(staged, "wheels"), { recursive: true });
    writeFileSync(join(staged, "uv.toml"), 'no-index = true\nfind-links = ["./wheels"]\n');
  }
  return staged;
}
