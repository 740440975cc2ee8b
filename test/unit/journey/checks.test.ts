import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { type Evidence, findFaults, hostnamesIn } from "../../../scripts/journey/checks.js";

const node = (last: number): ObservedCluster["nodes"][number] => ({
  id: `i-${last}`,
  address: `10.0.0.${last}`,
  hostname: `ip-10-0-0-${last}.ec2.internal`,
  cores: 1,
  kind: "worker",
  state: "ready",
  failingProbes: [],
  reasonCode: null,
});
const cluster = { nodes: [node(1), node(10)], cores: 2 } as unknown as ObservedCluster;
const output = Buffer.from(
  "rank 0 of 2 on ip-10-0-0-1.ec2.internal: pi = 3.14\nrank 1 of 2 on ip-10-0-0-10.ec2.internal: pi = 3.14\n",
);
const recordOf = (log: Buffer) => ({
  uri: "s3://b/k",
  bytes: log.length,
  sha256: createHash("sha256").update(log).digest("hex"),
  parts: 1,
});
const asRead = (log: Buffer): Evidence["delivered"] => ({
  start: log,
  bytes: log.length,
  sha256: recordOf(log).sha256,
});
const good: Evidence = {
  nodesAsked: 2,
  cluster,
  hostfile: "10.0.0.1:1\n10.0.0.10:1\n",
  job: {
    status: "FINISHED",
    log: recordOf(output),
  } as unknown as JobItem,
  delivered: asRead(output),
  isExampleJob: true,
};

describe("what a journey must have shown", () => {
  test("a cluster that did its work has no fault", () => {
    expect(findFaults(good)).toEqual([]);
  });

  test("a notebook's node runs no ranks", () => {
    const nodes = [...cluster.nodes, { ...node(3), kind: "notebook" as const }];
    expect(findFaults({ ...good, cluster: { ...cluster, nodes } })).toEqual([]);
  });

  test.each<[string, Partial<Evidence>, string]>([
    ["a node that is not ready", { nodesAsked: 3 }, "2 of 3 nodes are ready"],
    [
      "a hostfile that lacks a node",
      { hostfile: "10.0.0.1:1\n10.0.0.9:1\n" },
      "the hostfile lacks 10.0.0.10:1",
    ],
    [
      "a hostfile with a stranger",
      { hostfile: "10.0.0.1:1\n10.0.0.10:1\n10.0.0.3:1\n" },
      "the hostfile has 3 lines for 2 ready nodes",
    ],
    [
      "a failed job",
      { job: { ...good.job, status: "FAILED", reason: "exit 3" } },
      "the job is FAILED: exit 3",
    ],
    [
      "a rank that printed nothing",
      {
        delivered: asRead(output.subarray(0, 51)),
        job: { ...good.job, log: recordOf(output.subarray(0, 51)) },
      },
      "no rank ran on ip-10-0-0-10.ec2.internal",
    ],
    [
      "a log that is gone",
      { job: { ...good.job, log: null, logState: "lost", logReason: "no file" } },
      "the job's log is lost: no file",
    ],
    [
      "a short log",
      { delivered: asRead(output.subarray(1)) },
      expect.stringMatching(
        `the log in S3 \\(${output.length - 1} bytes, .* differs from the job's record \\(${output.length} bytes`,
      ) as unknown as string,
    ],
    [
      "a log with another byte",
      { delivered: asRead(Buffer.concat([output.subarray(1), Buffer.from("!")])) },
      expect.stringMatching(`the log in S3 \\(${output.length} bytes, .* differs`) as unknown as string,
    ],
  ])("%s is a fault", (_name, change, fault) => {
    expect(findFaults({ ...good, ...change })).toContainEqual(fault);
  });

  test("a job of one's own may print what it likes", () => {
    const printed = Buffer.from("x");
    const job = { ...good.job, log: recordOf(printed) };
    expect(findFaults({ ...good, isExampleJob: false, delivered: asRead(printed), job })).toEqual([]);
  });

  test("hostnames are matched whole", () => {
    expect(hostnamesIn("on ip-10-0-0-10.ec2.internal:", cluster)).toEqual(["ip-10-0-0-10.ec2.internal"]);
  });
});
