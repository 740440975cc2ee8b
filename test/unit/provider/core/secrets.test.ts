import { describe, expect, test } from "@jest/globals";
import { errorDiagnostic } from "../../../../provider/core/diagnostic.js";
import { list, map, object, optional, set, string, writeOnly } from "../../../../provider/core/schema.js";
import {
  redacted,
  redactedDiagnostics,
  redactedRuntime,
  redactorOf,
  redactorOfTexts,
} from "../../../../provider/core/secrets.js";
import type { TypeShape } from "../../../../provider/core/types.js";
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
    pins: optional(set(string), { ...about, sensitive: true }),
    hosts: optional(map(object({ key: optional(string, { ...about, sensitive: true }) })), about),
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
  pins: ["7777", UNKNOWN],
  hosts: { a: { key: "of a host" }, b: { key: null } },
};
const redact = redactorOf(schema, secrets, { password: "older password" });

describe("redactorOf", () => {
  test.each([
    ["what is sensitive, at any depth", "bad hunter2 for root", "bad (a sensitive value) for root"],
    ["what is write-only, whole", 'no hunter2 "größe"!', "no (a sensitive value)!"],
    ["also as JSON", JSON.stringify({ p: 'hunter2 "größe"' }), '{"p":"(a sensitive value)"}'],
    ["each time", "abcdef, abcdef", "(a sensitive value), (a sensitive value)"],
    ["all values' secrets", "older password", "(a sensitive value)"],
    ["what is in a set", "pin 7777", "pin (a sensitive value)"],
    ["what is in a map's objects", "key of a host", "key (a sensitive value)"],
  ])("redacts %s", (_name, text, expected) => expect(redact(text)).toBe(expected));

  test("leaves the rest, and what is too short to be a secret", () => {
    expect(redact("demo root abc")).toBe("demo root abc");
  });
});

test.each([[["hunter2", "hunter2-and-more"]], [["hunter2-and-more", "hunter2"]]])(
  "of %j none leaves a rest where one contains the other",
  (secrets) => {
    expect(redactorOfTexts(secrets)("no hunter2-and-more!")).toBe("no (a sensitive value)!");
  },
);

test.each<[string, TypeShape]>([
  ["a map", map(string)],
  ["a list", list(string)],
  ["an object", object({})],
])("%s that is null, or not known, is shown so", (_name, type) => {
  expect([redacted(type, null), redacted(type, UNKNOWN)]).toEqual([null, UNKNOWN]);
});

test("a value is shown without what is sensitive in it, and with what is null", () => {
  const login = object({
    user: optional(string, about),
    key: optional(string, { ...about, sensitive: true }),
  });
  const [given, shown] = [
    { user: "root", key: "hunter2" },
    { user: "root", key: "(a sensitive value)" },
  ];
  expect(redacted(login, given)).toEqual(shown);
  expect(redacted(login, { user: null, key: null })).toEqual({ user: null, key: null });
  expect(redacted(login, { another: "x" })).toEqual({ another: "(a sensitive value)" });
  expect([redacted(list(login), [given]), redacted(set(login), [given])]).toEqual([[shown], [shown]]);
  expect(redacted(map(login), { a: given })).toEqual({ a: shown });
  expect([redacted(string, "hunter2"), redacted(list(login), null), redacted(set(login), UNKNOWN)]).toEqual([
    ...["hunter2", null, UNKNOWN],
  ]);
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
