import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { newJob } from "../../../agent/contract/job.js";
import { hostfilePath, tableName } from "../../../agent/contract/names.js";
import { because } from "../../../agent/contract/reasons.js";
import { jobRecord } from "../../support/agent/jobs.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { EMULATORS, type Emulator, shareByEmulator } from "../../support/emulators.js";
import type { TestOrg } from "../../support/provider/org.js";
import {
  decoded,
  type PluginClient,
  type Reply,
  startPlugin,
  UNKNOWN,
  value,
} from "../../support/provider/plugin-client.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import type { Workspace } from "../../support/provider/terraform.js";

const NOWHERE = "6f1c2a54-9a57-4b0e-8d0e-3c1f5b7a9d21";
const HCL = `
provider "muster" {
  org = "acme"
}
resource "muster_cluster" "all" {
  for_each = toset(["beta", "alpha"])
  name     = each.key
  tags     = { "größe" = "日本語" }
}
data "muster_cluster" "by_name" {
  name       = "alpha"
  depends_on = [muster_cluster.all]
}
data "muster_cluster" "by_uuid" {
  uuid = muster_cluster.all["beta"].uuid
}
data "muster_clusters" "all" {
  depends_on = [muster_cluster.all]
}
data "muster_clusters" "failed" {
  status     = "FAILED"
  depends_on = [muster_cluster.all]
}
data "muster_jobs" "latest" {
  cluster_uuid = muster_cluster.all["alpha"].uuid
  limit        = 2
}
data "muster_instance_types" "fit" {
  name         = "c5*"
  min_cores    = 2
  architecture = "x86_64"
}
data "muster_instance_types" "none" {
  min_cores = 100000
}
output "alpha" { value = data.muster_cluster.by_name }
output "beta" { value = data.muster_cluster.by_uuid.name }
output "clusters" { value = data.muster_clusters.all.clusters }
output "failed" { value = data.muster_clusters.failed.uuids }
output "jobs" { value = data.muster_jobs.latest.jobs }
output "types" { value = data.muster_instance_types.fit.instance_types }
output "none" { value = data.muster_instance_types.none }
`;

let setting: Setting;
let emulator: TestEmulator;
let org: TestOrg;
const settingOn = shareByEmulator(startSetting);
function useSetting(start: Emulator["start"]): void {
  beforeAll(async () => {
    setting = await settingOn(start);
    ({ emulator, org } = setting);
  });
}

/** The smallest c5 of 2 cores or more, and other types, of each emulator's catalogue: ministack invents sizes, and knows no EFA. */
const KNOWN_TYPES = {
  moto: {
    smallest: { vcpus: 4, cores: 2 },
    some: [
      { name: "c5.xlarge", vcpus: 4, cores: 2, memory_mib: 8192, efa: false },
      { name: "c5n.18xlarge", efa: true },
    ],
  },
  ministack: {
    smallest: { vcpus: 8, cores: 8 },
    some: [{ name: "c5.xlarge", vcpus: 8, cores: 8, memory_mib: 4096, efa: false }],
  },
} as const;

describe.each(EMULATORS)("the data sources on $name, by real terraform", ({ name: emulatorName, start }) => {
  let workspace: Workspace;
  useSetting(start);
  beforeAll(async () => {
    workspace = await setting.workspace();
    await workspace.configure(HCL);
    await workspace.apply();
  });

  test("find clusters by name, by UUID and by status", async () => {
    const { alpha, beta, clusters, failed } = (await workspace.outputs()) as Record<string, Reply>;
    expect(alpha).toMatchObject({
      name: "alpha",
      org: "acme",
      status: "NEW",
      phase: "created",
      tags: { größe: "日本語" },
      ready_nodes: 0,
      addresses: [],
      hostfile: hostfilePath(alpha.uuid),
    });
    expect(beta).toBe("beta");
    expect(clusters).toMatchObject([
      { name: "alpha", uuid: alpha.uuid, status: "NEW" },
      { name: "beta", cores: 0 },
    ]);
    expect(failed).toEqual([]);
  });

  test("list the instance types that fit, the smallest first, and say why there are none", async () => {
    const { types, none } = (await workspace.outputs()) as Record<string, Reply>;
    const { smallest, some } = KNOWN_TYPES[emulatorName];
    expect(types[0]).toEqual({
      name: expect.stringMatching(/^c5/),
      ...smallest,
      memory_mib: expect.any(Number),
      efa: expect.any(Boolean),
      architectures: ["x86_64"],
    });
    const cores = types.map((type: Reply) => type.cores);
    expect(cores).toEqual([...cores].sort((a, b) => a - b));
    for (const type of some) expect(types).toContainEqual(expect.objectContaining(type));
    expect(none).toMatchObject({ names: [], instance_types: [] });
    expect(none.reason).toMatch(/^none of \d+ types has 100000 cores: the most is \d+$/);
  });

  test("see what has changed since, without a change of any resource", async () => {
    const { alpha } = (await workspace.outputs()) as Record<string, Reply>;
    const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(emulator.client));
    await org.setCluster(alpha.uuid, {
      clusterStatus: "FAILED",
      ...because("launch-no-capacity", "no capacity"),
    });
    const submitted = Array.from({ length: 3 }, (_, second) =>
      newJob(
        alpha.uuid,
        `key-${second}`,
        { command: ["größe.py"] },
        new Date(Date.UTC(2026, 0, 1, 0, 0, second)),
        ...(second === 1
          ? [
              {
                definition: { id: "d-1", name: "nightly", revision: 2 },
                submittedBy: "schedule:nightly",
                slot: "2026-01-01T00:00:00.000Z",
              },
            ]
          : []),
      ),
    );
    const [, , last] = submitted;
    const ended = {
      status: "FAILED",
      phase: "ended",
      attempt: 1,
      sourceVersion: "c0ffee",
      retryAt: "2026-01-01T00:01:00.000Z",
      phaseTimes: { running: "2026-01-01T00:00:30.000Z" },
      exitCode: 3,
      ...because("rank-exited", "python ended with 3"),
      log: { uri: "s3://logs/x/manifest.json", bytes: 1, sha256: "00", parts: 1 },
    } as const;
    for (const job of submitted) {
      const Item = jobRecord(job === last ? { ...job, ...ended } : job);
      await dynamo.send(new PutCommand({ TableName: tableName("acme"), Item }));
    }
    await workspace.apply();
    const { failed, jobs } = (await workspace.outputs()) as Record<string, Reply>;
    expect(failed).toEqual([alpha.uuid]);
    expect(jobs).toMatchObject([
      {
        definition: null,
        revision: null,
        status: "FAILED",
        reason_code: "rank-exited",
        reason: "python ended with 3",
        exit_code: 3,
        attempt: 1,
        submitted_by: null,
        slot: null,
        source_version: "c0ffee",
        retry_at: "2026-01-01T00:01:00.000Z",
        phase_times: { running: "2026-01-01T00:00:30.000Z" },
        log_uri: "s3://logs/x/manifest.json",
        command: ["größe.py"],
      },
      {
        idempotency_key: "key-1",
        submitted_by: "schedule:nightly",
        slot: "2026-01-01T00:00:00.000Z",
        source_version: null,
        retry_at: null,
        phase_times: {},
        definition: "nightly",
        revision: 2,
        status: "NEW",
        exit_code: null,
        log_uri: null,
        ended_at: null,
      },
    ]);
    expect(jobs).toHaveLength(2);
    expect(await workspace.plan()).toBe("clean");
  });

  test.each([
    ["a name that nobody has", `data "muster_cluster" "x" { name = "nobody" }`, 'no cluster named "nobody"'],
    [
      "a UUID that nobody has",
      `data "muster_cluster" "x" { uuid = "${NOWHERE}" }`,
      "There is no cluster 6f1c",
    ],
    ["neither name nor UUID", `data "muster_cluster" "x" {}`, "found by exactly one of them"],
    [
      "a status that is none",
      `data "muster_clusters" "x" { status = "READY" }`,
      "must be one of NEW, INPROGRESS, FINISHED, FAILED, PARKED, REMOVING",
    ],
    [
      "jobs of no cluster",
      `data "muster_jobs" "x" { cluster_uuid = "${NOWHERE}" }`,
      "There is no cluster 6f1c",
    ],
    [
      "too many jobs",
      `data "muster_jobs" "x" {
        cluster_uuid = "${NOWHERE}"
        limit        = 1001
      }`,
      "limit is 1001: it must be from 1 to 1000",
    ],
    [
      "an architecture that is none",
      `data "muster_instance_types" "x" { architecture = "sparc" }`,
      "must be one of x86_64, arm64",
    ],
  ])("fail clearly: %s", async (_name, hcl, expected) => {
    const bad = await setting.workspace();
    await bad.configure(`provider "muster" { org = "acme" }\n${hcl}`);
    const { exitCode, output } = await bad.run(["plan", "-input=false"]);
    expect(exitCode).toBe(1);
    expect(output.replace(/[│\s]+/g, " ")).toContain(expected);
    expect(output).not.toContain("    at ");
  });
});

describe("the price that a budget counts by, by real terraform", () => {
  useSetting(startEmulator);
  const EXAMPLE = resolve(__dirname, "../../../examples/provider/data-sources/muster_price.tf");
  // Another name: the org has an alpha already.
  const example = (type: string) =>
    readFileSync(EXAMPLE, "utf8")
      .replaceAll("c5.xlarge", type)
      .replace('"alpha"\n  budget', '"priced"\n  budget');
  const hcl = (type: string, endpoints = "") =>
    `provider "muster" {\n  org = "acme"\n  ${endpoints}\n}\n${example(type)}`;
  const NO_LIST = 'endpoints { pricing = "http://127.0.0.1:1" }';
  let workspace: Workspace;
  const price = async () => (await workspace.outputs())["price"];
  const configure = (type: string, endpoints?: string) =>
    workspace.configure(
      `${hcl(type, endpoints)}\noutput "price" { value = muster_cluster.alpha.budget.price_per_hour }`,
    );
  beforeAll(async () => {
    workspace = await setting.workspace();
  });

  test("is the list's, and another type's where the type changes", async () => {
    await configure("c5.xlarge");
    await workspace.apply();
    expect(await price()).toBe(0.17);
    await configure("c5.large");
    await workspace.apply();
    expect(await price()).toBe(0.085);
  });

  test("is kept where the list no longer answers", async () => {
    await configure("c5.large", NO_LIST);
    expect(await workspace.plan()).toBe("clean");
  });

  test("fails the plan where it is not known, and is in no destroy's way", async () => {
    await configure("x9.mega");
    const unknown = await workspace.run(["plan", "-input=false"]);
    expect(unknown.exitCode).toBe(1);
    expect(unknown.output.replace(/[│\s]+/g, " ")).toContain(
      "No price: AWS's price list has no price on demand in USD of x9.mega in us-east-1.",
    );
    await configure("m6i.xlarge", NO_LIST);
    const unreached = await workspace.run(["plan", "-input=false"]);
    expect(unreached.exitCode).toBe(1);
    expect(unreached.output.replace(/[│\s]+/g, " ")).toMatch(
      /No price: Could not read the list price of m6i\.xlarge in us-east-1\. .*ECONNREFUSED/,
    );
    const refresh = await workspace.run(["apply", "-refresh-only", "-auto-approve", "-input=false"]);
    expect(refresh.exitCode).toBe(0);
    const destroy = await workspace.run(["destroy", "-auto-approve", "-input=false"]);
    expect(destroy.exitCode).toBe(0);
  });
});

describe("the data sources, call by call", () => {
  useSetting(startEmulator);
  const TYPES = {
    name: null,
    architecture: null,
    efa: null,
    min_cores: null,
    min_memory_mib: null,
    id: null,
    reason: null,
    names: null,
    instance_types: null,
  };
  let plugin: PluginClient;
  beforeAll(async () => {
    plugin = await startPlugin(setting.mirror.program, emulator.env);
    await plugin.call("ConfigureProvider", { config: value({ org: "acme", region: null }) });
  });
  afterAll(() => {
    plugin?.disconnect();
    plugin?.process.kill("SIGTERM");
  });
  const ask = (method: string, type_name: string, config: object): Promise<Reply> =>
    plugin.call(method, { type_name, config: value(config) });

  test("are listed with their schemas", async () => {
    const { data_sources } = await plugin.call("GetMetadata");
    const names = data_sources.map(({ type_name }: { type_name: string }) => type_name);
    expect(names).toEqual([
      "muster_cluster",
      "muster_clusters",
      "muster_images",
      "muster_instance_types",
      "muster_jobs",
      "muster_preflight",
      "muster_price",
      "muster_usage",
    ]);
    const { data_source_schemas } = await plugin.call("GetProviderSchema");
    expect(Object.keys(data_source_schemas)).toEqual(names);
    const attributes = data_source_schemas["muster_cluster"].block.attributes;
    expect(attributes.find(({ name }: { name: string }) => name === "uuid")).toMatchObject({
      optional: true,
      computed: true,
      required: false,
    });
  });

  test("read: nulls stay null, what is told is complete", async () => {
    const { state, diagnostics } = await ask("ReadDataSource", "muster_instance_types", TYPES);
    expect(diagnostics).toEqual([]);
    const { names, instance_types, ...rest } = decoded(state);
    expect(names.length).toBe(instance_types.length);
    expect(names.length).toBeGreaterThan(100);
    expect(rest).toEqual({
      id: "us-east-1",
      reason: null,
      name: null,
      architecture: null,
      efa: null,
      min_cores: null,
      min_memory_mib: null,
    });
  });

  test.each([
    ["unknown", { name: UNKNOWN }, "The configuration is not known yet"],
    ["of another type", { name: ["c5"] }, "Malformed value: can't read muster_instance_types"],
    [
      "a number beyond what can be held",
      { min_cores: "1e400" },
      "Malformed value: can't read muster_instance_types",
    ],
  ])("read fails with a diagnostic and no state: %s", async (_name, part, summary) => {
    const reply = await ask("ReadDataSource", "muster_instance_types", { ...TYPES, ...part });
    expect(reply).toMatchObject({ state: null, diagnostics: [{ severity: "ERROR", summary }] });
  });

  test.each([
    ["unknown values pass", { name: UNKNOWN, min_cores: UNKNOWN, efa: UNKNOWN }, []],
    ["empty and non-ASCII names do not", { name: "" }, ["Invalid name"]],
    ["non-ASCII", { name: "größe-日本語" }, ["Invalid name"]],
    [
      "all at once",
      { name: "C5", architecture: "", min_cores: 0.5 },
      ["Invalid name", "Invalid architecture", "Invalid min_cores", "Invalid min_cores"],
    ],
  ])("validate: %s", async (_name, part, summaries) => {
    const { diagnostics } = await ask("ValidateDataResourceConfig", "muster_instance_types", {
      ...TYPES,
      ...part,
    });
    expect(diagnostics.map(({ summary }: { summary: string }) => summary)).toEqual(summaries);
  });

  test("an org that is not deployed fails with the next step", async () => {
    const other = await startPlugin(setting.mirror.program, emulator.env);
    try {
      await other.call("ConfigureProvider", { config: value({ org: "nobody", region: null }) });
      const config = value({ status: null, id: null, uuids: null, clusters: null });
      const { diagnostics } = await other.call("ReadDataSource", { type_name: "muster_clusters", config });
      expect(diagnostics).toMatchObject([
        { summary: "Org nobody has no registry in us-east-1", detail: expect.stringContaining("Deploy") },
      ]);
    } finally {
      other.disconnect();
      other.process.kill("SIGTERM");
    }
  });
});
