import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { ExtData } from "@msgpack/msgpack";
import { clusterSchema } from "../../../provider/resources/cluster/schema.js";
import { PARTS_FILE } from "../../../scripts/build/provider.js";
import { buildTestMirror, type TestMirror } from "../../support/provider/mirror.js";
import {
  decoded,
  type PluginClient,
  startPlugin,
  UNKNOWN,
  value,
} from "../../support/provider/plugin-client.js";
import { COOKIE } from "../../support/provider/plugin-process.js";

const CLUSTER = "muster_cluster";
const UUID = "6f1c2a54-9a57-4b0e-8d0e-3c1f5b7a9d21";
const allNull = Object.fromEntries(Object.keys(clusterSchema.attributes).map((name) => [name, null]));
const config = (attributes: object): object => ({ ...allNull, name: "demo", ...attributes });

const sha256 = async (file: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");

let mirror: TestMirror;
beforeAll(async () => {
  mirror = await buildTestMirror();
});
afterAll(() => mirror.remove());

describe("the start", () => {
  test("by hand fails with a sentence for people", () => {
    const { status, stdout } = spawnSync(mirror.program, {
      encoding: "utf8",
      env: { PATH: process.env["PATH"] },
    });
    expect(status).toBe(1);
    expect(stdout).toContain("This is a Terraform provider");
  });

  test("without node on PATH fails and says what is needed", () => {
    const { status, stdout } = spawnSync("/bin/sh", [mirror.program], {
      encoding: "utf8",
      env: { PATH: "/nowhere" },
    });
    expect(status).toBe(1);
    expect(stdout).toBe("terraform-provider-muster needs Node.js 22 or newer on PATH: there is none\n");
  });

  test("with an old node on PATH fails and says what is needed", async () => {
    const bin = await mkdtemp(join(tmpdir(), "muster-old-node-"));
    await writeFile(
      join(bin, "old.cjs"),
      'Object.defineProperty(process, "versions", { value: { node: "18.20.1" } });',
    );
    const node = `#!/bin/sh\nexec ${process.execPath} --require ${bin}/old.cjs "$@"\n`;
    await writeFile(join(bin, "node"), node, { mode: 0o755 });
    const { status, stdout } = spawnSync("/bin/sh", [mirror.program], {
      encoding: "utf8",
      env: { ...COOKIE, PATH: bin },
    });
    await rm(bin, { recursive: true });
    expect(stdout).toBe("terraform-provider-muster needs Node.js 22 or newer on PATH: found 18.20.1\n");
    expect(status).toBe(1);
  });

  test.each([
    ["without its parts", null],
    ["with parts that end too early", "a"],
    ["with another build's parts", "a".repeat(100_000)],
  ])("%s fails and says which file it is", async (_what, parts) => {
    const folder = await mkdtemp(join(tmpdir(), "muster-incomplete-"));
    const program = join(folder, basename(mirror.program));
    await copyFile(mirror.program, program);
    await copyFile(join(dirname(mirror.program), "package.json"), join(folder, "package.json"));
    if (parts !== null) await writeFile(join(folder, PARTS_FILE), parts);
    const { status, stdout } = spawnSync(program, {
      encoding: "utf8",
      env: { ...COOKIE, PATH: process.env["PATH"] },
    });
    const place = join(await realpath(folder), PARTS_FILE);
    await rm(folder, { recursive: true });
    expect(stdout).toContain(`is incomplete: ${place} is missing, or of another build. Delete`);
    expect(status).toBe(1);
  });

  test("two builds are the same bytes", async () => {
    const again = await buildTestMirror("provider/main.ts");
    const partsOf = ({ program }: TestMirror): string => join(dirname(program), PARTS_FILE);
    expect(await sha256(again.program)).toBe(await sha256(mirror.program));
    expect(await sha256(partsOf(again))).toBe(await sha256(partsOf(mirror)));
    await again.remove();
  });
});

describe("a provider that serves", () => {
  let plugin: PluginClient;
  beforeEach(async () => {
    plugin = await startPlugin(mirror.program);
  });
  afterEach(() => {
    plugin.disconnect();
    plugin.process.kill("SIGTERM");
  });

  test("shakes hands with protocol 6, a Unix socket and a certificate without padding", () => {
    expect(plugin.handshake).toMatch(/^1\|6\|unix\|\/[^|]{1,100}\|grpc\|[A-Za-z0-9+/]+$/);
  });

  test("tells its resources and schemas without AWS", async () => {
    const { resources } = await plugin.call("GetMetadata");
    expect(resources).toEqual([
      { type_name: CLUSTER },
      { type_name: "muster_fleet" },
      { type_name: "muster_image" },
      { type_name: "muster_job_definition" },
      { type_name: "muster_notebook" },
      { type_name: "muster_teardown_guard" },
    ]);
    const { provider, resource_schemas } = await plugin.call("GetProviderSchema");
    expect(provider.block.attributes.map(({ name }: { name: string }) => name)).toEqual([
      "org",
      "region",
      "sts_region",
      "profile",
      "max_retries",
      "allowed_account_ids",
      "forbidden_account_ids",
    ]);
    const fleet = resource_schemas["muster_fleet"].block;
    const nodes = fleet.attributes.find(({ name }: { name: string }) => name === "nodes");
    expect(nodes).toMatchObject({ required: true, computed: false });
    expect(nodes.type.toString()).toBe('"number"');
    expect(fleet.block_types).toMatchObject([{ type_name: "timeouts", nesting: "SINGLE" }]);
    expect(await plugin.call("GetFunctions")).toMatchObject({ functions: {}, diagnostics: [] });
  });

  test("validates: every problem at once, with its path; unknown values pass", async () => {
    const bad = config({ name: "Bad Name", idle_timeout_minutes: 0 });
    const { diagnostics } = await plugin.call("ValidateResourceConfig", {
      type_name: CLUSTER,
      config: value(bad),
    });
    expect(
      diagnostics.map(({ attribute }: { attribute: { steps: object[] } }) => attribute.steps[0]),
    ).toMatchObject([{ attribute_name: "name" }, { attribute_name: "idle_timeout_minutes" }]);
    const unknown = config({ name: UNKNOWN, tags: UNKNOWN });
    expect(
      await plugin.call("ValidateResourceConfig", { type_name: CLUSTER, config: value(unknown) }),
    ).toMatchObject({ diagnostics: [] });
    expect(
      await plugin.call("ValidateProviderConfig", { config: value({ org: "acme", region: "nowhere" }) }),
    ).toMatchObject({ diagnostics: [{ severity: "ERROR", summary: "Invalid region" }] });
  });

  test.each([
    ["non-ASCII text", { größe: "日本語 🚀" }],
    ["empty", {}],
    ["10 MB", { big: "x".repeat(10_000_000) }],
    [
      "ten thousand entries",
      Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, "v"])),
    ],
  ])("plans and carries tags: %s", async (_name, tags) => {
    const proposed = value(config({ tags }));
    const { planned_state, diagnostics } = await plugin.call("PlanResourceChange", {
      type_name: CLUSTER,
      proposed_new_state: proposed,
      config: proposed,
      prior_private: Buffer.from("kept"),
    });
    expect(diagnostics).toEqual([]);
    expect(decoded(planned_state)).toMatchObject({ name: "demo", tags, uuid: expect.any(ExtData) });
  });

  test("plans a replacement, and nothing", async () => {
    // As a read leaves it, also for a cluster that was made before these had a default.
    const read = {
      count_ssh_sessions: true,
      refuse_at: "apply",
      share_with_notebooks: false,
      resume_on_job: true,
    };
    const prior = { ...config({}), ...read, id: UUID, uuid: UUID, status: "NEW" };
    const change = (proposed: object) =>
      plugin.call("PlanResourceChange", {
        type_name: CLUSTER,
        prior_state: value(prior),
        proposed_new_state: value(proposed),
        config: value(proposed),
      });
    expect((await change({ ...prior, name: "other" })).requires_replace).toMatchObject([
      { steps: [{ attribute_name: "name" }] },
    ]);
    expect(decoded((await change(prior)).planned_state)).toEqual(prior);
  });

  test("upgrades a stored state, drops what the schema no longer has, fails on a newer one", async () => {
    const json = Buffer.from(
      JSON.stringify({ uuid: UUID, name: "demo", idle_timeout_minutes: 5, gone: true }),
    );
    const upgrade = (version: number) =>
      plugin.call("UpgradeResourceState", { type_name: CLUSTER, version, raw_state: { json } });
    expect(decoded((await upgrade(0)).upgraded_state)).toEqual({
      ...config({ idle_timeout_minutes: 5 }),
      uuid: UUID,
    });
    expect(await upgrade(9)).toMatchObject({
      diagnostics: [{ summary: "The state of muster_cluster is newer than this provider" }],
    });
  });

  test.each([
    [
      "ReadResource",
      { type_name: CLUSTER, current_state: value({ ...config({}), uuid: UUID }) },
      /not configured/,
    ],
    ["ReadResource", { type_name: "muster_nothing" }, /No resource type/],
    ["ReadResource", { type_name: "constructor" }, /No resource type/],
    ["ReadDataSource", { type_name: "muster_nothing" }, /No data source type/],
    ["ValidateDataResourceConfig", { type_name: "constructor" }, /No data source type/],
    ["OpenEphemeralResource", { type_name: "muster_nothing" }, /No ephemeral resource type/],
    ["ValidateEphemeralResourceConfig", {}, /No ephemeral resource type/],
    ["RenewEphemeralResource", {}, /No ephemeral resource type/],
    ["CloseEphemeralResource", {}, /No ephemeral resource type/],
    [
      "PlanResourceChange",
      { type_name: CLUSTER, proposed_new_state: { msgpack: Buffer.from([0xc1]) } },
      /plan/,
    ],
    ["PlanResourceChange", { type_name: CLUSTER, proposed_new_state: value({ name: 7 }) }, /Malformed value/],
    ["PlanResourceChange", { type_name: CLUSTER, proposed_new_state: value([1]) }, /Malformed value/],
    ["ImportResourceState", { type_name: CLUSTER, id: "x" }, /Invalid import id/],
    ["MoveResourceState", { source_type_name: "a", target_type_name: CLUSTER }, /Unsupported move/],
    ["ConfigureProvider", { config: value({ org: "acme", region: null }) }, /No AWS region/],
  ])("%s fails with a diagnostic, not an RPC error (%#)", async (method, request, summary) => {
    const { diagnostics } = await plugin.call(method, request);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0].summary).toMatch(summary);
  });

  test("an apply that can't begin returns the prior state", async () => {
    const prior = { ...config({}), id: UUID, uuid: UUID };
    const { new_state, diagnostics } = await plugin.call("ApplyResourceChange", {
      type_name: CLUSTER,
      prior_state: value(prior),
      planned_state: value(null),
    });
    expect(decoded(new_state)).toEqual(prior);
    expect(diagnostics[0].summary).toMatch(/not configured/);
  });

  test("Shutdown ends the process and removes its folder; SIGINT alone does not end it", async () => {
    const [, , , socketPath = ""] = plugin.handshake.split("|");
    plugin.process.kill("SIGINT");
    expect(await plugin.call("StopProvider")).toEqual({ Error: "" });
    const ended = once(plugin.process, "exit");
    await plugin.shutdown();
    expect((await ended)[0]).toBe(0);
    expect(existsSync(socketPath)).toBe(false);
  });

  test("ends by itself some seconds after the last connection closed", async () => {
    await plugin.call("GetMetadata");
    const ended = once(plugin.process, "exit");
    plugin.disconnect();
    await sleep(1000);
    expect(plugin.process.exitCode).toBeNull();
    expect((await ended)[0]).toBe(0);
  });
});
