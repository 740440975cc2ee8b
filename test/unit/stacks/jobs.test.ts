import { describe, expect, test } from "@jest/globals";
import { synthesise } from "../../support/stacks/synth.js";

const MUSTER_YAML = `
org: {name: demo, region: us-east-1}
clusters:
- name: alpha
  nodes: 2
  jobs:
  - {name: pi, file: pi.py, arguments: ["100"], processes: 4, environment: {A: b}}
  - {name: report, command: [-m, report], timeoutMinutes: 90, run: manual, wait: false}
- name: beta
  nodes: 1
`;
const stacks = synthesise(MUSTER_YAML, { "/project/pi.py": `print('\${3} %{4}')\n` });
const jobs = stacks["muster_demo_alpha"]?.json.resource["muster_job"] ?? {};
const named = (name: string) => Object.values(jobs).find((job) => job["name"] === name) ?? {};

describe("a cluster's jobs", () => {
  test("are muster_jobs on it, after its fleet and so cancelled before the fleet goes", () => {
    expect(Object.keys(jobs)).toHaveLength(2);
    for (const job of Object.values(jobs)) {
      expect(job["cluster_uuid"]).toMatch(/^\$\{muster_cluster\.\w+\.uuid\}$/);
      expect(job["depends_on"]).toEqual([expect.stringMatching(/^muster_fleet\./)]);
    }
  });

  test("carry a file's text, untouched by Terraform's templates", () => {
    expect(named("pi")).toMatchObject({
      command: ["pi.py", "100"],
      script: { name: "pi.py", content: `print('$\${3} %%{4}')\n` },
      environment: { A: "b" },
      processes: 4,
      timeout: "60m",
      run: "on_change",
      wait: true,
    });
  });

  test("leave out what is not said", () => {
    const job = named("report");
    expect(job).toMatchObject({ command: ["-m", "report"], timeout: "90m", run: "manual", wait: false });
    expect(job).not.toHaveProperty("script");
    expect(job).not.toHaveProperty("processes");
  });

  test("are the cluster's own", () => {
    expect(stacks["muster_demo_beta"]?.json.resource["muster_job"]).toBeUndefined();
  });
});
