import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import protobuf from "protobufjs";
import { decodeMessage } from "../../../../../provider/wire/protobuf/decode.js";
import { encodeMessage } from "../../../../../provider/wire/protobuf/encode.js";
import { protocolOf } from "../../../../../scripts/build/protocol.js";

const PROTO = readFileSync(join(__dirname, "../../../../../provider/wire/tfplugin6.proto"), "utf8");
const protocol = protocolOf(PROTO);
/** The library's own codec of the same file: slow to start, and right. */
const reference = protobuf.parse(PROTO, { keepCase: true }).root;
const PLAIN = { defaults: true, oneofs: false, enums: String, longs: Number } as const;

const MESSAGES: readonly [string, object][] = [
  ["StopProvider.Response", { Error: "größe 🦉" }],
  ["DynamicValue", { msgpack: Buffer.from([0xc0]), json: Buffer.alloc(0) }],
  ["RawState", { json: Buffer.from("{}"), flatmap: { a: "1", "": "", constructor: "2" } }],
  ["Diagnostic", { severity: "WARNING", summary: "s", detail: "d", attribute: null }],
  [
    "AttributePath",
    {
      steps: [
        { attribute_name: "" },
        { element_key_int: 0 },
        { element_key_int: -1 },
        { element_key_string: "k" },
      ],
    },
  ],
  ["ApplyResourceChange.Response", { new_state: { msgpack: Buffer.alloc(300, 7) }, diagnostics: [] }],
  ["OpenEphemeralResource.Response", { renew_at: { seconds: 2 ** 40, nanos: 5 }, private: Buffer.alloc(0) }],
  [
    "GetProviderSchema.Response",
    {
      resource_schemas: {
        x: { version: 1, block: { attributes: [{ name: "a", type: Buffer.from('"string"') }] } },
      },
      server_capabilities: { plan_destroy: true, get_provider_schema_optional: false },
    },
  ],
];

describe.each(MESSAGES)("%s", (name, message) => {
  const type = reference.lookupType(`tfplugin6.${name}`);
  const bytes = encodeMessage(protocol, `tfplugin6.${name}`, message);
  const expected = type.toObject(type.decode(type.encode(type.fromObject(message)).finish()), PLAIN);

  test("is written as the library reads it", () => {
    expect(type.toObject(type.decode(bytes), PLAIN)).toEqual(expected);
  });

  test("is read as the library wrote it", () => {
    const theirs = Buffer.from(type.encode(type.fromObject(message)).finish());
    expect(decodeMessage(protocol, `tfplugin6.${name}`, theirs)).toEqual(expected);
  });
});

describe("bytes that are not a message of this protocol", () => {
  const read = (bytes: readonly number[]): unknown =>
    decodeMessage(protocol, "tfplugin6.Diagnostic", Buffer.from(bytes));

  test.each([
    ["a field of a later version", [0x7a, 0x01, 0x41, 0x12, 0x01, 0x42]],
    ["a field of another wire type", [0x0a, 0x01, 0x41, 0x12, 0x01, 0x42]],
  ])("%s is skipped", (_name, bytes) => {
    expect(read(bytes)).toEqual({ severity: "INVALID", summary: "B", detail: "", attribute: null });
  });

  test("an enum's later value is its number", () => {
    expect(read([0x08, 0x09])).toMatchObject({ severity: 9 });
  });

  test.each([
    ["a text that is cut off", [0x12, 0x05, 0x41]],
    ["a message that is cut off", [0x22, 0x05, 0x0a]],
    ["a tag that never ends", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ["field 0 of no wire type", [0x07]],
  ])("%s throws", (_name, bytes) => {
    expect(() => read(bytes)).toThrow();
  });

  test("an enum's unknown name throws when it is written", () => {
    const wrong = { severity: "FATAL" };
    expect(() => encodeMessage(protocol, "tfplugin6.Diagnostic", wrong)).toThrow("FATAL is none of");
  });
});

describe("protocolOf", () => {
  test("has each service's calls", () => {
    expect(protocol.services["tfplugin6.Provider"]).toContainEqual({
      name: "ReadResource",
      request: "tfplugin6.ReadResource.Request",
      response: "tfplugin6.ReadResource.Response",
    });
  });

  test.each([
    ["fixed32 x = 1;", "fixed32"],
    ["repeated int64 x = 1;", "not repeated"],
    ["map<int32, string> x = 1;", "string keys"],
  ])("refuses %s, which the codec does not know", (field, words) => {
    expect(() => protocolOf(`syntax = "proto3"; package p; message M { ${field} }`)).toThrow(words);
  });
});
