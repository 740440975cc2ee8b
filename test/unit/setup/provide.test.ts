import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { discoverMinistack, provideMinistack } from "../../../scripts/setup/ministack.js";
import { provideMoto } from "../../../scripts/setup/moto.js";
import { provideTerraform } from "../../../scripts/setup/terraform.js";

/** Machines made of fixture programs. */
let folder: string;
let cache: string;
let said: string[];
const realFetch = globalThis.fetch;
const realEnv = process.env;
const say = (line: string): void => void said.push(line);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-setup-"));
  cache = join(folder, "cache");
  said = [];
  mkdirSync(cache);
  mkdirSync(join(folder, "bin"));
  process.env = { PATH: join(folder, "bin"), MUSTER_LOCAL_DIR: folder };
});
afterEach(() => {
  process.env = realEnv;
  globalThis.fetch = realFetch;
  rmSync(folder, { recursive: true });
});

function program(name: string, script: string): string {
  const path = join(folder, "bin", name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}
const terraform = (name: string, version: string): string =>
  program(name, `echo '{"terraform_version":"${version}"}'`);

describe("Terraform", () => {
  test("is the one on PATH", async () => {
    const path = terraform("terraform", "1.12.1");
    expect(await provideTerraform(cache, say)).toEqual({ path, version: "1.12.1", source: "PATH" });
    expect(said).toEqual([]);
  });

  test("is the one that MUSTER_TERRAFORM names, which has to fit", async () => {
    terraform("terraform", "1.12.1");
    process.env["MUSTER_TERRAFORM"] = terraform("mine", "1.11.0");
    expect(await provideTerraform(cache, say)).toMatchObject({
      version: "1.11.0",
      source: "MUSTER_TERRAFORM",
    });
    process.env["MUSTER_TERRAFORM"] = terraform("old", "1.10.0");
    await expect(provideTerraform(cache, say)).rejects.toThrow(
      /old is Terraform 1.10.0, but 1.11 or a newer 1.x/,
    );
  });

  test("one on PATH that is too old is skipped for the cache's", async () => {
    terraform("terraform", "1.5.0");
    mkdirSync(join(cache, "terraform-1.11.4"));
    writeFileSync(join(cache, "terraform-1.11.4/terraform"), "");
    expect(await provideTerraform(cache, say)).toMatchObject({ source: "cache" });
    expect(said[0]).toMatch(/skipped.*1\.5\.0/);
  });

  test("fails with the next step where its releases can't be reached", async () => {
    globalThis.fetch = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("ENOTFOUND") }));
    await expect(provideTerraform(cache, say)).rejects.toThrow(
      /^Terraform is not on PATH and https.* can't be downloaded \(ENOTFOUND\). Install Terraform 1.11 or newer/,
    );
  });

  test("fails where the download is not the published file, and keeps nothing of it", async () => {
    globalThis.fetch = () => Promise.resolve(new Response("something else"));
    await expect(provideTerraform(cache, say)).rejects.toThrow(
      /SHA-256 .* instead of .*: it is not the published file/,
    );
    expect(existsSync(join(cache, "terraform-1.11.4"))).toBe(false);
  });
});

/** Python, whose virtual environments have this pip. */
function python(pip: string): void {
  const template = program("pip-of-venvs", pip);
  program("python3", `[ "$2" = venv ] || exit 1\n/bin/mkdir "$3/bin"\n/bin/cp ${template} "$3/bin/pip"`);
}

describe("the emulator", () => {
  test("is installed once, pinned, into the cache", async () => {
    const calls = join(folder, "calls");
    python(`echo "$@" >>${calls}\n/bin/cp ${program("server", "exit 0")} "\${0%/*}/moto_server"`);
    const first = await provideMoto(cache, say);
    expect(first).toEqual({ argv: [join(cache, "moto-5.2.1/bin/moto_server")], source: "project venv" });
    expect(await provideMoto(cache, say)).toEqual(first);
    expect(readFileSync(calls, "utf8")).toBe("install --quiet moto[server]==5.2.1\n");
    expect(said).toHaveLength(1);
  });

  test("is the machine's where no package index answers, which is said and not tried again at once", async () => {
    python("exit 1");
    const server = program("moto_server", "exit 0");
    expect(await provideMoto(cache, say)).toEqual({ argv: [server], source: "PATH" });
    expect(said.at(-1)).toMatch(/no package index has moto 5.2.1; using the machine's/);
    said = [];
    expect(await provideMoto(cache, say)).toEqual({ argv: [server], source: "PATH" });
    expect(said).toEqual([]);
  });

  test("fails with the next step where there is none", async () => {
    python("exit 1");
    await expect(provideMoto(cache, say)).rejects.toThrow(/^There is no AWS emulator: .*MUSTER_MOTO/);
  });

  test("is the one that MUSTER_MOTO names", async () => {
    process.env["MUSTER_MOTO"] = program("my-moto", "exit 0");
    expect(await provideMoto(cache, say)).toMatchObject({ source: "MUSTER_MOTO" });
    process.env["MUSTER_MOTO"] = "/absent";
    await expect(provideMoto(cache, say)).rejects.toThrow(/MUSTER_MOTO is "\/absent"/);
  });
});

describe("the second emulator", () => {
  test("is installed once, pinned, into the cache", async () => {
    const calls = join(folder, "calls");
    python(`echo "$@" >>${calls}\n/bin/cp ${program("server", "exit 0")} "\${0%/*}/ministack"`);
    await provideMinistack(say);
    await provideMinistack(say);
    expect(discoverMinistack()).toBe(join(cache, "ministack-1.5.33/bin/ministack"));
    expect(readFileSync(calls, "utf8")).toBe("install --quiet ministack==1.5.33\n");
    expect(said).toHaveLength(1);
  });

  test("is the machine's where no package index answers, which is said", async () => {
    python("exit 1");
    const machines = program("ministack", "exit 0");
    await provideMinistack(say);
    expect(said.at(-1)).toBe(`second AWS emulator: no package index has ministack 1.5.33; using ${machines}`);
    expect(discoverMinistack()).toBe(machines);
    expect(readdirSync(cache)).toEqual([]);
  });

  test("fails with the next step where there is none", async () => {
    python("exit 1");
    await expect(provideMinistack(say)).rejects.toThrow(
      /^ministack 1.5.33 can't be installed, .* Let pip reach a package index, or set MUSTER_MINISTACK/,
    );
    expect(() => discoverMinistack()).toThrow(/is missing \(.*Run .\/scripts\/test integration/);
  });

  test("is the one that MUSTER_MINISTACK names", async () => {
    process.env["MUSTER_MINISTACK"] = program("mine", "exit 0");
    await provideMinistack(say);
    expect(said).toEqual([]);
    expect(discoverMinistack()).toBe(join(folder, "bin/mine"));
    process.env["MUSTER_MINISTACK"] = "/absent";
    expect(() => discoverMinistack()).toThrow(/is missing \(\/absent\)/);
  });
});
