import { describe, expect, test } from "@jest/globals";
import { decode, ExtData, encode } from "@msgpack/msgpack";
import {
  bool,
  computed,
  integer,
  list,
  map,
  number,
  object,
  optional,
  required,
  set,
  string,
} from "../../../../provider/core/schema.js";
import { type ObjectValue, UNKNOWN } from "../../../../provider/core/value.js";
import type { DynamicValue } from "../../../../provider/wire/messages.js";
import { toWireSchema } from "../../../../provider/wire/schema.js";
import {
  decodeConfig,
  decodeObject,
  encodeObject,
  objectFromJson,
  stateFromJson,
} from "../../../../provider/wire/value.js";
import type { ValueError } from "../../../../provider/wire/value-error.js";

const about = { description: "" };
const schema = {
  version: 3,
  description: "d",
  attributes: {
    text: optional(string, about),
    spot: optional(bool, about),
    zones: optional(set(string), about),
    size: optional(number, about),
    tags: optional(map(string), about),
    disks: optional(list(object({ path: required(string, about), gib: optional(integer, about) })), about),
    nodes: computed(list(object({ id: required(string, about) })), about),
  },
};
const nothing = { text: null, spot: null, zones: null, size: null, tags: null, disks: null, nodes: null };
const wire = (content: unknown) => ({ msgpack: Buffer.from(encode(content)), json: Buffer.alloc(0) });
const roundTrip = (value: ObjectValue) =>
  decodeObject(schema, { ...encodeObject(schema, value), json: Buffer.alloc(0) });

describe("values on the wire", () => {
  test.each<[string, ObjectValue]>([
    ["nothing set", {}],
    ["non-ASCII text", { text: "größe 日本語 🚀" }],
    ["empty ones", { text: "", tags: {}, disks: [] }],
    [
      "unknown, whole and in parts",
      { text: UNKNOWN, tags: { a: UNKNOWN }, disks: [{ path: UNKNOWN, gib: 1 }] },
    ],
    ["the largest exact integers", { size: Number.MAX_SAFE_INTEGER }],
    ["negative ones", { size: -(2 ** 40) }],
    ["fractions", { size: 0.1 }],
    ["false, and a set", { spot: false, zones: ["b", "a"] }],
    ["10 MB", { text: "x".repeat(10_000_000) }],
  ])("%s come back as they went", (_name, value) => {
    expect(roundTrip(value)).toEqual({ ...nothing, ...value });
  });

  test("a fraction travels as decimal text: a float64 would not be what the user wrote", () => {
    expect(decode(encodeObject(schema, { size: 0.1 }).msgpack)).toMatchObject({ size: "0.1" });
    expect(decodeObject(schema, wire({ size: "0.1" }))).toMatchObject({ size: 0.1 });
  });

  test.each([0, 12, 77])("extension %d is unknown, with any contents", (type) => {
    expect(decodeObject(schema, wire({ text: new ExtData(type, new Uint8Array([1, 2])) }))).toEqual({
      ...nothing,
      text: UNKNOWN,
    });
  });

  test("every attribute is written, nested ones too, and what the schema lacks is not", () => {
    const { msgpack } = encodeObject(schema, { disks: [{ path: "/" }], other: 1 });
    expect(decode(msgpack)).toEqual({ ...nothing, disks: [{ path: "/", gib: null }] });
  });

  test("JSON is used if there is no msgpack; null is nothing", () => {
    const json = { msgpack: Buffer.alloc(0), json: Buffer.from('{"text":"a"}') };
    expect(decodeObject(schema, json)).toEqual({ ...nothing, text: "a" });
    expect(decodeObject(schema, wire(null))).toBeNull();
    expect(decodeObject(schema, null)).toBeNull();
    expect(decode(encodeObject(schema, null).msgpack)).toBeNull();
  });

  test.each([
    [{ text: 1 }, "text must be a string, not a number."],
    [{ spot: "yes" }, "spot must be a bool, not a string."],
    [{ tags: ["a"] }, "tags must be an object, not a list."],
    [{ disks: [{ path: "/" }, { path: true }] }, "disks[1].path must be a string, not a boolean."],
    [{ size: "9".repeat(30) }, "size has more digits than can be held exactly"],
    [{ size: 2n ** 62n }, "than can be held exactly"],
    [{ size: "0x10" }, "size must be a number, not a string."],
    [{ text: new Uint8Array([65]) }, "text must be a string, not bytes."],
    [{ zones: ["a", 1] }, "zones[*] must be a string, not a number."],
    [{ tags: { größe: [] } }, 'tags["größe"] must be a string, not a list.'],
    [{ disks: [{ path: "/", fs: "xfs" }] }, "disks[0].fs is not in the schema."],
    [{ constructor: 1 }, "constructor is not in the schema."],
    [[1], "The value must be an object, not a list."],
    [new Uint8Array([1]), "The value must be an object, not bytes."],
  ])("%p fails with the path", (content, message) => {
    const bytes = Buffer.from(encode(content, { useBigInt64: true }));
    expect(() => decodeObject(schema, { msgpack: bytes, json: Buffer.alloc(0) })).toThrow(message);
  });

  test("an error does not show the value, which may be a secret", () => {
    const bytes = Buffer.from(encode({ disks: [{ path: "/", gib: "hunter2" }] }));
    const json = (text: string) => ({ msgpack: Buffer.alloc(0), json: Buffer.from(text, "latin1") });
    const messageOf = (value: DynamicValue): string => {
      try {
        return JSON.stringify(decodeObject(schema, value));
      } catch (error) {
        return `${(error as ValueError).message} ${JSON.stringify((error as ValueError).path)}`;
      }
    };
    expect(messageOf({ msgpack: bytes, json: Buffer.alloc(0) })).toBe(
      'disks[0].gib must be an integer, not a string. ["disks",0,"gib"]',
    );
    const notJson = "The value is not well-formed JSON in UTF-8. []";
    expect(messageOf(json('{"text":hunter2}'))).toBe(notJson);
    expect(messageOf(json('{"text":"\xff"}'))).toBe(notJson);
  });

  test("without a configuration, nothing is set", () => {
    expect(decodeConfig(schema, null)).toEqual(nothing);
    expect(decodeConfig(schema, wire(null))).toEqual(nothing);
    expect(decodeConfig(schema, wire({ text: "a" }))).toEqual({ ...nothing, text: "a" });
  });

  test("what a resource computes and Terraform has no number for becomes null", () => {
    for (const size of [Number.NaN, 1 / 0, -1 / 0]) expect(roundTrip({ size })).toEqual(nothing);
  });

  test("half of an emoji, where a text was cut, becomes a replacement character", () => {
    expect(roundTrip({ text: "a\ud83d", tags: { "\ude80": "\ud83d\ud83d\ude80" } })).toMatchObject({
      text: "a\ufffd",
      tags: { "\ufffd": "\ufffd🚀" },
    });
  });

  test("a stored state is an object or nothing", () => {
    expect(stateFromJson(Buffer.from('{"a":1}'))).toEqual({ a: 1 });
    expect(stateFromJson(Buffer.from("null"))).toBeNull();
    for (const odd of ["5", "[1]", '"hunter2"', "{", ""]) {
      expect(() => stateFromJson(Buffer.from(odd))).toThrow(
        /^The value (must be an object|is not well-formed JSON)/,
      );
    }
  });

  test("a stored state loses what the schema no longer has", () => {
    expect(objectFromJson(schema, { text: "a", gone: 1 })).toEqual({ ...nothing, text: "a" });
  });
});

describe("toWireSchema", () => {
  test("given objects are nested attributes, computed ones plain types", () => {
    const { version, block } = toWireSchema(schema) as {
      version: number;
      block: { attributes: { name: string; type?: Buffer; nested_type?: object }[] };
    };
    expect(version).toBe(3);
    const attribute = (wanted: string) => block.attributes.find(({ name }) => name === wanted);
    expect(attribute("tags")?.type?.toString()).toBe('["map","string"]');
    expect(attribute("disks")).toMatchObject({ nested_type: { nesting: "LIST" } });
    expect(attribute("nodes")?.type?.toString()).toBe('["list",["object",{"id":"string"}]]');
  });
});
