import { describe, expect, test } from "@jest/globals";
import { answerControl } from "../../../../scripts/local/gateway/control.js";
import { createFaults } from "../../../../scripts/local/gateway/faults.js";

const throttled = { code: "Throttling", message: "Rate exceeded", status: 400 };
const putItem = { service: "dynamodb", action: "PutItem" };

describe("fault rules", () => {
  test("a rule strikes as often as it says, and then no more", () => {
    const faults = createFaults();
    const { id } = faults.add({ ...putItem, times: 2, response: throttled });
    for (const expected of [true, true, false]) {
      const found = faults.find(putItem, "reply");
      expect(found !== undefined).toBe(expected);
      if (found) faults.strike(id);
    }
    expect(faults.list()).toMatchObject([{ id, hits: 2 }]);
  });

  test.each([
    ["another action", { service: "dynamodb", action: "GetItem" }, false],
    ["another service", { service: "ssm", action: "PutItem" }, false],
    ["the same", putItem, true],
  ])("a rule for one action and %s", (_, operation, fits) => {
    const faults = createFaults();
    faults.add({ ...putItem, response: throttled });
    expect(faults.find(operation, "reply") !== undefined).toBe(fits);
  });

  test('"*" is every action of the service', () => {
    const faults = createFaults();
    faults.add({ service: "dynamodb", action: "*", response: { delayMs: 5 } });
    expect(faults.find(putItem, "reply")).toBeDefined();
  });

  test("a delay does not hide that there is no capacity", () => {
    const faults = createFaults();
    faults.add({ service: "ec2", action: "*", response: { delayMs: 5 } });
    faults.add({ service: "ec2", action: "RunInstances", response: { noCapacity: true } });
    const operation = { service: "ec2", action: "RunInstances" };
    expect(faults.find(operation, "capacity")?.response).toEqual({ noCapacity: true });
    expect(faults.find(operation, "reply")?.response).toEqual({ delayMs: 5 });
  });
});

describe("the control routes", () => {
  const answer = (method: string, url: string, body = "", faults = createFaults()) => {
    const reply = answerControl(method, url, body, faults);
    return { status: reply.status, value: JSON.parse(reply.body) };
  };

  test("a rule is added, listed and removed", () => {
    const faults = createFaults();
    const rule = { ...putItem, response: throttled };
    const { status, value } = answer("POST", "/_local/faults", JSON.stringify(rule), faults);
    expect({ status, value }).toMatchObject({ status: 201, value: { ...rule, hits: 0 } });
    expect(answer("GET", "/_local/faults", "", faults).value.faults).toHaveLength(1);
    expect(answer("DELETE", `/_local/faults/${value.id}`, "", faults).status).toBe(200);
    expect(faults.list()).toEqual([]);
  });

  test.each([
    ["no JSON", "POST", "/_local/faults", "{", 400],
    ["no rule", "POST", "/_local/faults", '{"service":"ec2"}', 400],
    [
      "an unknown key",
      "POST",
      "/_local/faults",
      JSON.stringify({ ...putItem, response: throttled, often: 1 }),
      400,
    ],
    ["an unknown fault", "DELETE", "/_local/faults/abc", "", 404],
    ["an unknown route", "GET", "/_local/fault", "", 404],
    ["a method of no use", "PUT", "/_local/faults", "", 405],
  ])("fails with %s", (_, method, url, body, status) => {
    const reply = answer(method, url, body);
    expect(reply.status).toBe(status);
    expect(reply.value.problems.length).toBeGreaterThan(0);
  });

  test("all problems of a rule are reported at once", () => {
    const { value } = answer("POST", "/_local/faults", '{"service":"","times":0,"response":{"delayMs":1}}');
    expect(value.problems.join("\n")).toMatch(/\/service[\s\S]*\/times|\/action[\s\S]*\/service/);
    expect(value.problems.length).toBeGreaterThanOrEqual(3);
  });
});
