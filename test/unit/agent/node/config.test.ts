import { describe, expect, test } from "@jest/globals";
import { AgentError } from "../../../../agent/errors.js";
import { parseConfig } from "../../../../agent/node/config.js";

const valid = {
  org: "acme",
  clusterUuid: "0b9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e",
  clusterName: "demo",
  fileSystemId: "fs-0123456789abcdef0",
  accessPointId: "fsap-0123456789abcdef0",
  agentsAccessPointId: "fsap-0123456789abcdef1",
  logBucket: "acme-logs",
};
const NOTEBOOK = {
  ...{ name: "explore", group: "muster-notebook-explore", homeAccessPointId: "fsap-0123456789abcdef2" },
  ...{ idleTimeoutMinutes: null, kernelIdleMinutes: 60, mpiKernelIdleMinutes: 30 },
};
const parse = (value: unknown) => parseConfig(JSON.stringify(value), "/etc/muster/agent.json");

test("a valid configuration gets its defaults and is frozen", () => {
  const config = parse(valid);
  expect(config).toEqual({ ...valid, kind: "worker", runtime: "mpich", leaseTtlSeconds: 15 });
  expect(Object.isFrozen(config)).toBe(true);
  expect(parse({ ...valid, leaseTtlSeconds: 3 }).leaseTtlSeconds).toBe(3);
  expect(parse({ ...valid, kind: "notebook", notebook: NOTEBOOK }).notebook).toEqual(NOTEBOOK);
  expect(parse({ ...valid, runtime: "intel" }).runtime).toBe("intel");
  const jobRoleArn = "arn:aws-cn:iam::123456789012:role/jobs";
  expect(parse({ ...valid, jobRoleArn }).jobRoleArn).toBe(jobRoleArn);
  expect(parse({ ...valid, httpProbes: true }).httpProbes).toBe(true);
  expect(parse({ ...valid, orgAccessPointId: "fsap-2" }).orgAccessPointId).toBe("fsap-2");
});

describe("fails", () => {
  test.each([
    [{ kind: "notebook" }, "notebook is missing: kind is notebook"],
    [{ notebook: NOTEBOOK }, "notebook is there: kind is worker"],
    [{ kind: "notebook", notebook: { ...NOTEBOOK, idleTimeoutMinutes: 0 } }, "notebook.idleTimeoutMinutes"],
    [{ kind: "notebook", notebook: { ...NOTEBOOK, homeAccessPointId: "fsap-1,exec" } }, "homeAccessPointId"],
  ])("for a notebook that does not fit: %j", (over, problem) => {
    expect(() => parse({ ...valid, ...over })).toThrow(problem);
  });

  test("with every problem at once, each with its path and value", () => {
    const { logBucket: _, agentsAccessPointId: _point, ...rest } = valid;
    const wrong = {
      org: "Acme!",
      fileSystemId: 7,
      orgAccessPointId: "fsap-",
      kind: "master",
      runtime: "openmpi",
      leaseTtlSeconds: 1,
      extra: true,
    };
    const text = JSON.stringify({ ...rest, ...wrong });
    expect.assertions(11);
    try {
      parseConfig(text, "/etc/muster/agent.json");
    } catch (error) {
      expect(error).toBeInstanceOf(AgentError);
      const { code, message } = error as AgentError;
      expect(code).toBe("config-invalid");
      expect(message).toContain("logBucket is missing");
      expect(message).toContain("agentsAccessPointId is missing");
      expect(message).toContain('orgAccessPointId is "fsap-"');
      expect(message).toContain('org is "Acme!"');
      expect(message).toContain('kind: got "master"; expected one of worker, notebook, builder');
      expect(message).toContain('runtime: got "openmpi"; expected one of mpich, intel');
      expect(message).toContain("fileSystemId is 7: expected string");
      expect(message).toContain("leaseTtlSeconds is 1: expected integer to be greater or equal to 3");
      expect(message).toContain("extra is unknown (allowed: org, clusterUuid");
    }
  });

  test.each([
    ["text that is no JSON", "{org:", "is not JSON"],
    ["a list", "[]", "expected object"],
    ["nothing", "null", "expected object"],
    ["an empty object", "{}", "clusterUuid is missing"],
  ])("for %s", (_name, text, message) => {
    expect(() => parseConfig(text, "/etc/muster/agent.json")).toThrow(message);
  });
});
