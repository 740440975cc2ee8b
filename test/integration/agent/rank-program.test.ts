import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { waitFor } from "../../../scripts/system/wait.js";
import { temporaryFolder } from "../../support/agent/job-user.js";

// Without MPI, and without an agent that listens: what is left is that a rank shows what Python alone does.
const RANK = resolve("agent/launcher/rank.py");
const PARENT = resolve("agent/launcher/rank.sh");
const FILES = {
  "good.py":
    "import sys, os\nprint(sys.argv, __name__, __file__, os.path.basename(sys.path[0]) != 'launcher')\n",
  "raises.py": "def f():\n    raise ValueError('no')\nf()\n",
  "broken.py": "x = = 1\n",
  "warns.py": "print('\\d')\n",
  "future.py":
    "from __future__ import annotations\nimport sys\ndef f(x: missing) -> None: pass\nprint(f.__annotations__, f.__code__.co_filename)\nprint(__builtins__.__name__, sys.getprofile(), sys._getframe().f_code.co_filename)\n",
  "sitecustomize.py":
    "import os, sys\ndef watch(*_): pass\nif 'PROFILED' in os.environ: sys.setprofile(watch)\n",
  "profiled.py": "import sys\nprint(sys.getprofile().__name__)\n",
  "latin.py": "# -*- coding: latin-1 -*-\nprint(ascii('\u00e9'))\n",
  "nested.py": "import good\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    import missing_module\n",
};
const ended = (code: string): readonly string[] => [
  "-c",
  `import os, sys, signal\nprint('out', flush=True)\n${code}`,
];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder.path, name), text);
});
afterEach(() => folder.remove());

/** As a shell shows the status: 128 + signal where one ended it. */
function python(argv: readonly string[], before: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const command = ["-c", '"$@"; echo "status $?"', "sh", ...before, "python3", "-B", ...argv];
  const { stdout, stderr } = spawnSync("/bin/sh", command, {
    cwd: folder.path,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  // The shell's own word of a signal; a rank's parent has none.
  return { stdout, stderr: before.length > 0 ? stderr : stderr.replaceAll(/^(Killed|Terminated)\n/gm, "") };
}

/** Python's traceback of `-m` begins with its own frames. */
const OWN_FRAMES = /^ {2}File "<frozen runpy>", line \d+, in \w+\n/gm;

describe("what a rank shows is what Python shows", () => {
  test.each<[string, readonly string[], NodeJS.ProcessEnv?]>([
    ["a file", ["good.py", "a", "-b"]],
    ["a file that mpiexec does not run", ["good.py"], {}],
    ["an exception that mpiexec does not see", ["raises.py"], {}],
    ["code", ["-c", "import sys; print(sys.argv, __name__, repr(sys.path[0]))", "x"]],
    ["a module", ["-m", "good", "x"]],
    ["an exception", ["raises.py"]],
    ["an exception in a module", ["-m", "raises"]],
    ["an exception in code", ended("[][1]")],
    ["an exception after another", ["nested.py"]],
    ["a syntax error", ["broken.py"]],
    ["a warning of the compiler", ["warns.py"]],
    ["a warning that is an error", ["warns.py"], { PYTHONWARNINGS: "error" }],
    ["a program's own view of itself", ["future.py"]],
    ["a program that is profiled from Python's start", ["profiled.py"], { PYTHONPATH: ".", PROFILED: "1" }],
    ["another encoding", ["latin.py"]],
    ["a search path without the program's folder", ["good.py"], { PYTHONSAFEPATH: "1" }],
    [
      "code with a search path without this folder",
      ["-c", "import sys; print(sys.path[0])"],
      { PYTHONSAFEPATH: "1" },
    ],
    ["a file that there is not", ["none.py"]],
    ["a status", ended("sys.exit(7)")],
    ["a status of 0", ended("sys.exit(0)")],
    ["no status", ended("sys.exit()")],
    ["a text for a status", ended("sys.exit('that is wrong')")],
    ["a falsehood for a status", ended("sys.exit(False)")],
    ["a fraction for a status", ended("sys.exit(0.0)")],
    ["an end without Python's", ended("os._exit(9)")],
    ["a signal", ended("os.kill(os.getpid(), signal.SIGKILL)")],
  ])("of %s", (_what, argv, env = { PMI_RANK: "1" }) => {
    const plain = python(argv, [], env);
    const ours = python([RANK, ...argv], ["/bin/sh", PARENT], env);
    // Where Python names the file as it was given, a rank has its whole path.
    const whole = (text: string): string => text.replaceAll(`${folder.path}/`, "");
    expect({ stdout: whole(ours.stdout), stderr: whole(ours.stderr) }).toEqual({
      stdout: whole(plain.stdout),
      stderr: whole(plain.stderr).replaceAll(OWN_FRAMES, ""),
    });
  });
});

/** Stands for the report: it says that it has begun, and is slow. */
const SLOW_REPORT = `
import pathlib, sys, time
here = pathlib.Path(__file__).parent
(here / "begun").touch()
time.sleep(0.3)
(here / "reported").write_text(sys.argv[1])
`;

test("a rank's report survives the end of its process group, which Hydra ends when another rank fails", async () => {
  const inFolder = (name: string): string => join(folder.path, name);
  await copyFile(PARENT, inFolder("rank.sh"));
  await writeFile(inFolder("rank_failure.py"), SLOW_REPORT);
  const rank = spawn("/bin/sh", [inFolder("rank.sh"), "/bin/sh", "-c", "kill -9 $$"], {
    detached: true,
    stdio: "ignore",
  });
  const hasEnded = once(rank, "exit");
  const written = (name: string): Promise<string | null> =>
    waitFor({
      what: `the file ${name}`,
      timeoutSeconds: 20,
      everyMs: 10,
      look: () => readFile(inFolder(name), "utf8").catch(() => null),
      isDone: (text) => text !== null && (text !== "" || name === "begun"),
      describe: String,
    });
  await written("begun");
  process.kill(-(rank.pid ?? 0), "SIGKILL");
  expect(await hasEnded).toEqual([null, "SIGKILL"]);
  expect(await written("reported")).toBe("137");
});
