import { describe, expect, test } from "@jest/globals";
import { synthesise } from "../../support/stacks/synth.js";

const MUSTER_YAML = `
org: {name: demo, region: us-east-1}
clusters:
- name: alpha
  nodes: 2
  jobDefinitions:
  - {name: pi, file: pi.py, arguments: ["100"], processes: 4, environment: {A: b}}
  - {name: report, command: [-m, report], timeoutMinutes: 90, run: manual, wait: false}
  - name: train
    command: "train.py '$\{x}'"
    source: {git: {url: https://github.com/acme/model, reference: "v$\{1}"}}
    setup: {command: "/bin/echo %{a}", timeoutMinutes: 5}
    retries: {count: 1, delaySeconds: 0}
    jobTimeoutMinutes: 120
    processesPerNode: 2
    runtime: intel
    ifBusy: refuse
    schedule: {cron: "30 6 * * *", timeZone: Europe/Berlin, startingDeadlineMinutes: 10}
- name: beta
  nodes: 1
`;
const stacks = synthesise(MUSTER_YAML, { "/project/pi.py": `print('\${3} %{4}')\n` });
const definitions = stacks["muster_demo_alpha"]?.json.resource["muster_job_definition"] ?? {};
const named = (name: string) =>
  Object.values(definitions).find((definition) => definition["name"] === name) ?? {};

describe("a cluster's job definitions", () => {
  test("are on it, after its fleet, so that their jobs are cancelled before the fleet goes", () => {
    expect(Object.keys(definitions)).toHaveLength(3);
    for (const definition of Object.values(definitions)) {
      expect(definition["cluster_uuid"]).toMatch(/^\$\{muster_cluster\.\w+\.uuid\}$/);
      expect(definition["depends_on"]).toEqual([expect.stringMatching(/^muster_fleet\./)]);
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
    const definition = named("report");
    expect(definition).toMatchObject({
      command: ["-m", "report"],
      timeout: "90m",
      run: "manual",
      wait: false,
    });
    expect(definition).not.toHaveProperty("script");
    expect(definition).not.toHaveProperty("processes");
  });

  test("say all that they may in Terraform's words, untouched by its templates", () => {
    const definition = named("train");
    expect(definition).toMatchObject({
      command: ["train.py", "$${x}"],
      source: { git: { url: "https://github.com/acme/model", reference: "v$${1}" } },
      setup: { command: ["/bin/echo", "%%{a}"], timeout: "5m" },
      retries: { count: 1, delay: "0s" },
      job_timeout: "120m",
      processes_per_node: 2,
      runtime: "intel",
      if_busy: "refuse",
      schedule: { cron: "30 6 * * *", time_zone: "Europe/Berlin", starting_deadline: "10m" },
    });
    for (const absent of ["mpi", "working_folder", "on_bad_node"])
      expect(definition).not.toHaveProperty(absent);
    expect(definition["retries"]).not.toHaveProperty("on");
  });

  test("are the cluster's own", () => {
    expect(stacks["muster_demo_beta"]?.json.resource["muster_job_definition"]).toBeUndefined();
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
- {name: alpha, nodes: 1, jobDefinitions: [{name: tt, file: t.py, arguments: [${JSON.stringify(text)}], environment: {A: ${JSON.stringify(text)}}}]}
`;
    const files = { "/project/t.py": `x = '${text}'\n` };
    const definition = synthesise(yaml, files)["muster_demo_alpha"]?.only("muster_job_definition");
    expect(evaluated(definition?.["script"].content)).toBe(`x = '${text}'\n`);
    expect(definition?.["command"].map(evaluated)).toEqual(["t.py", text]);
    expect(evaluated(definition?.["environment"].A)).toBe(text);
  });
});
