import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";

// What the agent's unit starts: it loads the program, agent/main.ts, and runs it. An image has the program's compiled code beside it, where only root
// writes: with it the program is loaded in half of the time. With the argument `compile` it writes that code, and runs nothing.

interface Program {
  run(): void;
}

type Wrapped = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  path: string,
  folder: string,
) => void;

/** One function, as the build makes it: a script can be asked for its code once it has run, and then has what each start needs. */
const PROGRAM = join(__dirname, "muster-agent-program.js");
const bytes = readFileSync(PROGRAM);
/** The engine itself refuses code of another engine or of other flags, but of the program it only sees the length. */
const code = join(__dirname, `muster-agent-${crc32(bytes).toString(16)}.code`);

/** Without it the engine compiles as it goes. */
function readCode(): { readonly cachedData?: Buffer } {
  try {
    return { cachedData: readFileSync(code) };
  } catch {
    return {};
  }
}

// The build makes it of ASCII. As Latin-1 each character is a byte of memory outside of the heap; as UTF-8 it would be two.
const script = new Script(bytes.toString("latin1"), { filename: PROGRAM, ...readCode() });
const program = { exports: {} };
const load = script.runInThisContext() as Wrapped;
load(program.exports, createRequire(PROGRAM), program, PROGRAM, __dirname);
if (process.argv[2] === "compile") writeFileSync(code, script.createCachedData(), { mode: 0o644 });
else (program.exports as Program).run();
