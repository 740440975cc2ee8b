import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../system/command.js";

/** What Node.js looks for in its own file. @see https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";
const PART = "NODE_SEA_BLOB";
const PREPARE_SECONDS = 60;
const INJECT_SECONDS = 300;

export interface ExecutableOptions {
  /** The project's root, which has postject. */
  readonly root: string;
  /** The program in CommonJS, which requires nothing but what Node.js has. */
  readonly script: Uint8Array;
  /** What the program reads with node:sea, by name. */
  readonly assets: Readonly<Record<string, Uint8Array>>;
  /** The Node.js that becomes the executable, of the platform where it will run. */
  readonly node: string;
  /** Whether this machine can run that Node.js: then the script's compiled code is kept too. */
  readonly runsHere: boolean;
}

/**
 * A program and its Node.js as one file, which needs neither on the machine. It takes no options of Node.js: NODE_OPTIONS is meant for
 * the user's own programs. Works in a folder of its own below the system's.
 */
export async function makeExecutable({
  root,
  script,
  assets,
  node,
  runsHere,
}: ExecutableOptions): Promise<Buffer> {
  const work = await mkdtemp(join(tmpdir(), "muster-executable-"));
  try {
    const [main, blob, config, program] = ["main.cjs", "blob", "config.json", "program"].map((name) =>
      join(work, name),
    ) as [string, string, string, string];
    await writeFile(main, script);
    const files: Record<string, string> = {};
    for (const [name, content] of Object.entries(assets)) {
      files[name] = join(work, `asset-${name}`);
      await writeFile(files[name], content);
    }
    const settings = {
      ...{ main, output: blob, disableExperimentalSEAWarning: true, useCodeCache: runsHere },
      ...{ execArgvExtension: "none", assets: files },
    };
    await writeFile(config, JSON.stringify(settings));
    const preparing = runsHere ? node : process.execPath;
    await runCommand([preparing, "--experimental-sea-config", config], {
      timeoutSeconds: PREPARE_SECONDS,
      env: { PATH: process.env["PATH"] },
    });
    await copyFile(node, program);
    // A process of its own: it prints dozens of warnings about sections that Node.js has, and takes half a gigabyte.
    const postject = join(root, "node_modules/postject/dist/cli.js");
    await runCommand([process.execPath, postject, program, PART, blob, "--sentinel-fuse", FUSE], {
      timeoutSeconds: INJECT_SECONDS,
    });
    await chmod(program, 0o755);
    return await readFile(program);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
