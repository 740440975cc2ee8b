import { describe, expect, test } from "@jest/globals";
import { errorDiagnostic } from "../../../../provider/core/diagnostic.js";
import { list, map, object, optional, string, writeOnly } from "../../../../provider/core/schema.js";
import { redactedDiagnostics, redactedRuntime, redactorOf } from "../../../../provider/core/secrets.js";
import { type ObjectValue, UNKNOWN } from "../../../../provider/core/value.js";
import { jsonLog } from "../../../../provider/wire/log.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const about = { description: "" };
const schema = {
  version: 0,
  description: "",
  attributes: {
    name: optional(string, about),
    password: writeOnly(string, about),
    logins: optional(
      list(object({ user: optional(string, about), key: optional(string, { ...about, sensitive: true }) })),
      about,
    ),
    tokens: optional(map(string), { ...about, sensitive: true }),
  },
};
const secrets: ObjectValue = {
  name: "demo",
  password: 'hunter2 "größe"',
  logins: [
    { user: "root", key: "hunter2" },
    { user: null, key: UNKNOWN },
  ],
  tokens: { a: "abcdef", short: "abc" },
};
const redact = redactorOf(schema, secrets, { password: "older password" });

describe("redactorOf", () => {
  test.each([
    ["what is sensitive, at any depth", "bad hunter2 for root", "bad (a sensitive value) for root"],
    ["what is write-only, whole", 'no hunter2 "größe"!', "no (a sensitive value)!"],
    ["also as JSON", JSON.stringify({ p: 'hunter2 "größe"' }), '{"p":"(a sensitive value)"}'],
    ["each time", "abcdef, abcdef", "(a sensitive value), (a sensitive value)"],
    ["all values' secrets", "older password", "(a sensitive value)"],
  ])("redacts %s", (_name, text, expected) => expect(redact(text)).toBe(expected));

  test("leaves the rest, and what is too short to be a secret", () => {
    expect(redact("demo root abc")).toBe("demo root abc");
  });
});

test("a redacted diagnostic keeps its path", () => {
  expect(
    redactedDiagnostics([errorDiagnostic("value-invalid", "hunter2", "is hunter2", ["name"])], redact),
  ).toEqual([errorDiagnostic("value-invalid", "(a sensitive value)", "is (a sensitive value)", ["name"])]);
});

test("a redacted log writes whole JSON lines without a secret, whatever characters it has", () => {
  const lines: string[] = [];
  const log = jsonLog(
    (line) => lines.push(line),
    () => new Date(0),
  );
  const odd = redactorOf(schema, { password: '","x' });
  const { log: redacted } = redactedRuntime(fakeRuntime({ log }), odd);
  redacted.warn('it was ","x', { a: ['","x'], b: "c", n: 1 });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { "@message": "it was (a sensitive value)", a: ["(a sensitive value)"], b: "c", n: 1 },
  ]);
});
