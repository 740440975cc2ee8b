import { createHash } from "node:crypto";
import { newJob } from "../../../agent/contract/job.js";
import type { NodeAccess } from "../../../agent/contract/node-access.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { CLUSTER_UUID, nodeSummary, observedCluster } from "../agent/cluster-item.js";
import { notebookItem } from "../notebook-item.js";
import { FakeAccount } from "./fake-account.js";
import { FakeWorld, LOG_PREFIX } from "./fake-world.js";

const OUTPUT = "3.\n";
const PRICES = {
  ...{ region: "us-east-1", nodeHour: { "c5.xlarge": 0.17 }, natGatewayHour: 0.045, natGatewayGb: 0.045 },
  ...{ publicAddressHour: 0.005, kmsKeyMonth: 1, efsGbMonth: 0.3, volumeGbMonth: 0.08 },
};
const MUSTER_YAML = `
org: {name: acme, region: us-east-1}
account:
  id: "123456789012"
  roleArn: arn:aws:iam::123456789012:role/muster-account/deploy-acme-us-east-1
  externalId: muster-2f0c1b8e-5d1c-4a53-9b0e-0d6c1f7a9b11
clusters: [{name: demo, nodes: 2}]
`;
const host = (id: string): NodeAccess => ({
  ...{ id, address: "10.0.0.1", publicAddress: "54.0.0.1", hostname: `ip-${id}`, cores: 2, kind: "worker" },
  sshHostKeys: [`ssh-ed25519 ${"A".repeat(68)}`],
});

/** A world with the org acme, which has one of each: a ready cluster demo, a job that has FINISHED, a notebook explore, files. */
export function shownOrg(): { readonly world: FakeWorld; readonly job: JobItem } {
  const world = new FakeWorld();
  world.clusters.push(
    observedCluster({
      ...{ clusterStatus: "FINISHED", phase: "ready", hostfileNodes: 2, cores: 4, headInstanceId: "i-1" },
      fleet: { owner: "o", group: "nodes", nodes: 2, since: "2026-01-01T00:00:00.000Z" },
      ...{ desiredNodes: 2, nodes: [nodeSummary("i-1"), nodeSummary("i-2")] },
    }),
  );
  world.hosts = [host("i-1"), host("i-2")];
  world.onPath.add("aws").add("session-manager-plugin").add("npx");
  world.files.set("pi.py", Buffer.from("print(3)\n"));
  world.files.set("muster.yaml", Buffer.from(MUSTER_YAML));
  world.files.set("cdktf.json", Buffer.from("{}"));
  world.files.set("prices.json", Buffer.from(JSON.stringify(PRICES)));
  world.files.set("/opt/muster/dist/terraform-mirror/registry.terraform.io/x.zip", Buffer.from(""));
  world.gitCredentials.set("github", {
    ...{ kind: "password", host: "github.com", username: "ada", password: "hunter2" },
  });
  world.notebooks.set("explore", notebookItem());
  world.logs.store(LOG_PREFIX, OUTPUT);
  world.logs.deliver(LOG_PREFIX);
  const account = new FakeAccount();
  world.accountCalls = (caller) => account.as(caller);
  world.answer = "a-token";
  const job: JobItem = {
    ...newJob(CLUSTER_UUID, "k", { command: ["pi.py"] }, world.now()),
    ...{ status: "FINISHED", phase: "ended", exitCode: 0, endedAt: "2026-01-01T00:10:02.500Z", attempt: 1 },
    ...{ logState: "delivered", logPrefix: LOG_PREFIX },
    log: {
      ...{ uri: `${LOG_PREFIX}manifest.json`, bytes: OUTPUT.length, parts: 1 },
      sha256: createHash("sha256").update(OUTPUT).digest("hex"),
    },
  };
  world.jobs.set(job.id, job);
  return { world, job };
}
