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

describe("what looks like cdktf's own tokens, or like Terraform's templates", () => {
  const dollar = "$";
  const given = [
    ...[dollar, "#", "&", `${dollar}${dollar}`].map((sign) => `${sign}{TfToken[TOKEN.1]}`),
    `${dollar}{a} %{b} ${dollar}${dollar}{c}`,
    `${dollar}{TfToken[`,
    "-1.8881545897087503e+289",
    "TfToken[TOKEN.1]",
    "}}{{",
    "\\u0024{x}",
  ];
  /** As Terraform reads a template: escapes, and `${"x"}`. */
  const evaluated = (text: string): string =>
    text.replace(/\$\$\{|%%\{|\$\{"([^"]+)"\}/g, (all, sign?: string) => sign ?? all.slice(1));

  test.each(given)("%s reaches Terraform as it is", (text) => {
    const yaml = `org: {name: demo, region: us-east-1}
clusters:
- {name: alpha, nodes: 1, jobs: [{name: tt, file: t.py, arguments: [${JSON.stringify(text)}], environment: {A: ${JSON.stringify(text)}}}]}
`;
    const files = { "/project/t.py": `x = '${text}'\n` };
    const job = synthesise(yaml, files)["muster_demo_alpha"]?.only("muster_job");
    expect(evaluated(job?.["script"].content)).toBe(`x = '${text}'\n`);
    expect(job?.["command"].map(evaluated)).toEqual(["t.py", text]);
    expect(evaluated(job?.["environment"].A)).toBe(text);
  });
});
