import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { newClusterItem } from "../../../provider/resources/cluster/state.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { type FakeJobHead, startFakeJobHead } from "../../support/provider/fake-job-head.js";
import { buildTestMirror, type TestMirror } from "../../support/provider/mirror.js";
import { createOrg } from "../../support/provider/org.js";
import { type ClusterJobs, openJobs } from "../../support/provider/org-jobs.js";
import { createWorkspace, type Workspace } from "../../support/provider/terraform.js";

const UUID = "0b9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e";
const jobHcl = (name: string, attributes = ""): string => `
provider "muster" {
  org = "acme"
}
resource "muster_job" "it" {
  cluster_uuid = "${UUID}"
  name         = "${name}"
  command      = ["pi.py", "größe"]
  script       = { name = "pi.py", content = "print(3.14)" }
  ${attributes}
}
output "job" { value = muster_job.it }
`;

let mirror: TestMirror;
let emulator: TestEmulator;
let jobs: ClusterJobs;
let head: FakeJobHead;
beforeAll(async () => {
  [mirror, emulator] = await Promise.all([buildTestMirror(), startEmulator()]);
  const org = await createOrg(emulator, "acme");
  const cluster = newClusterItem({
    uuid: UUID,
    org: "acme",
    name: "demo",
    idleTimeoutMinutes: null,
    tags: {},
    at: new Date(),
  });
  await org.setCluster(UUID, { ...cluster, clusterStatus: "FINISHED", phase: "ready", desiredNodes: 2 });
  jobs = openJobs(emulator, "acme", UUID);
  head = startFakeJobHead(jobs);
}, 60_000);
afterAll(async () => {
  await head?.stop();
  await Promise.all([mirror?.remove(), emulator?.stop()]);
});
afterEach(() => {
  head.outcome = "finish";
  head.alive = true;
});

/** A workspace of the test's own; whatever it left is destroyed. */
async function inWorkspace(run: (workspace: Workspace) => Promise<void>): Promise<void> {
  const workspace = await createWorkspace(mirror.folder, emulator.env);
  try {
    await run(workspace);
  } finally {
    await workspace.remove();
  }
}
const runsOf = async (name: string) =>
  (await jobs.list()).filter(({ definition }) => definition?.name === name);
const told = async (workspace: Workspace): Promise<Record<string, unknown>> =>
  (await workspace.outputs())["job"] as Record<string, unknown>;

describe("muster_job, by real terraform", () => {
  test(
    "is run and followed to its end; then run again by a change of what it runs, and by nothing else",
    () =>
      inWorkspace(async (workspace) => {
        await workspace.configure(jobHcl("pi"));
        await workspace.apply();
        const [first] = await runsOf("pi");
        expect(first).toMatchObject({
          status: "FINISHED",
          request: {
            command: ["pi.py", "größe"],
            script: { name: "pi.py", content: "print(3.14)" },
            timeoutSeconds: 3600,
          },
        });
        expect(await told(workspace)).toMatchObject({
          id: `${UUID}/pi`,
          revision: 1,
          job_id: first?.id,
          status: "FINISHED",
          exit_code: 0,
          log_uri: first?.log?.uri,
          reason: null,
        });
        expect(await workspace.plan()).toBe("clean");

        await workspace.configure(jobHcl("pi", 'wait = false\ntimeouts {\n  delete = "9m"\n}'));
        await workspace.apply();
        expect(await runsOf("pi")).toHaveLength(1);
        expect(await told(workspace)).toMatchObject({ revision: 1, job_id: first?.id, status: "FINISHED" });

        await workspace.configure(jobHcl("pi", 'triggers = { mesh = "2" }'));
        await workspace.apply();
        const [, second] = await runsOf("pi");
        expect(await runsOf("pi")).toHaveLength(2);
        expect(await told(workspace)).toMatchObject({ revision: 2, job_id: second?.id, status: "FINISHED" });
        expect(await workspace.plan()).toBe("clean");

        expect((await workspace.run(["destroy", "-auto-approve"])).exitCode).toBe(0);
        expect(await jobs.definition("pi")).toBeNull();
      }),
    90_000,
  );
});
