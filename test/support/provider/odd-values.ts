import { ExtData, encode } from "@msgpack/msgpack";

/** Objects of the echo provider, as attributes beside `name`, that every call has to carry as they are. */
export const ODD_VALUES: readonly (readonly [string, object])[] = [
  ["what is not set", {}],
  ["null", { text: null, flag: null, size: null, deep: null, tags: null, leaves: null, block: null }],
  ["what is empty", { text: "", texts: [], tags: {}, leaves: [], deep: [{}], block: { text: "" } }],
  ["10 MB of text", { text: "é".repeat(5_000_000) }],
  [
    "characters from everywhere",
    { text: "größe 日本語 👩‍👩‍👧‍👦 e\u0301\u0302 \u202e \ufeff \0 \u007f \uffff" },
  ],
  ["the lone replacement character", { text: "\ufffd" }],
  [
    "odd keys",
    { tags: { "": "a", 0: "b", constructor: "c", "größe.👍[0]": "d", [`k${"x".repeat(1000)}`]: "e" } },
  ],
  ["a set that says things twice", { leaves: [1, 1].map((size) => ({ text: "a", size })) }],
  ["the largest whole numbers", { size: Number.MAX_SAFE_INTEGER, count: Number.MIN_SAFE_INTEGER }],
  ["fractions as decimal text", { size: "0.1" }],
  ["types in types", { deep: [{ a: [[{ text: "x", size: null }], []] }, {}], block: { text: "b", size: 1 } }],
  ["ten thousand elements", { texts: Array.from({ length: 10_000 }, (_, index) => `t${index}`) }],
];

const refined = (bytes: number): ExtData => new ExtData(12, new Uint8Array(bytes));
/** The same, not known yet: wholly, in parts, and with what Terraform 1.6 and newer already know of it. */
export const UNKNOWN_VALUES: readonly (readonly [string, object])[] = [
  ["unknown", { text: new ExtData(0, new Uint8Array([0])), deep: new ExtData(0, new Uint8Array([0])) }],
  ["unknown in parts", { tags: { a: refined(3) }, leaves: [{ text: refined(3), size: refined(3) }] }],
  ["refined by much", { text: refined(70_000), texts: refined(1) }],
];

const bytes = (...parts: readonly number[]): Buffer => Buffer.from(parts);
const named = (raw: Buffer): Buffer => Buffer.concat([bytes(0x81, 0xa4), Buffer.from("name"), raw]);
const levels = (depth: number): Buffer => Buffer.concat([Buffer.alloc(depth, 0x91), bytes(0xc0)]);
const object = (attributes: object): Uint8Array =>
  encode({ name: "a", ...attributes }, { useBigInt64: true });

const MSGPACK: readonly (readonly [string, Uint8Array, string])[] = [
  ["a value cut short", object({}).subarray(0, -1), "The value is not well-formed msgpack: it is cut short"],
  [
    "two values",
    Buffer.concat([object({}), bytes(1)]),
    "The value is not well-formed msgpack: 1 bytes follow its end",
  ],
  [
    "a list of four billion",
    named(bytes(0xdd, 0xff, 0xff, 0xff, 0xff)),
    "The value is not well-formed msgpack: it is cut short",
  ],
  [
    "text that is not UTF-8",
    named(bytes(0xa2, 0xff, 0xfe)),
    "The value is not well-formed msgpack: the text at 7 is not UTF-8",
  ],
  [
    "half of an emoji",
    named(bytes(0xa3, 0xed, 0xa0, 0xbd)),
    "The value is not well-formed msgpack: the text at 7",
  ],
  ["no msgpack at all", Buffer.from('{"name":"a"}'), "The value is not well-formed msgpack: 11 bytes"],
  ["a list", encode(["a"]), "The value must be an object, not a list."],
  ["bytes", encode(new Uint8Array(3)), "The value must be an object, not bytes."],
  [
    "an unknown whole",
    encode(new ExtData(0, new Uint8Array([0]))),
    "The value must be an object, not unknown.",
  ],
  ["another type", object({ text: 7 }), "text must be a string, not a number."],
  ["a text for a bool", object({ flag: "true" }), "flag must be a bool, not a string."],
  ["an object for a list", object({ texts: {} }), "texts must be a list, not an object."],
  [
    "another type deep inside",
    object({ deep: [{ a: [[{ text: [] }]] }] }),
    'deep[0]["a"][*][0].text must be',
  ],
  ["an attribute too many", object({ block: null, nmae: "b" }), "nmae is not in the schema."],
  ["ten thousand levels", named(levels(10_000)), "name must be a string, not a list."],
  ["2^53 + 1", object({ size: 2n ** 53n + 1n }), "size has more digits than can be held exactly"],
  ["2^64 - 1", object({ count: 2n ** 64n - 1n }), "count has more digits than can be held exactly"],
  [
    "forty digits",
    object({ size: `0.${"1234567890".repeat(4)}` }),
    "size has more digits than can be held exactly",
  ],
  ["no number", object({ size: Number.NaN }), "size must be a finite number."],
  ["a hexadecimal text", object({ size: "0x10" }), "size must be a number, not a string."],
];
const JSONS: readonly (readonly [string, string, string])[] = [
  ["JSON that ends too early", '{"name":"hunter2', "The value is not well-formed JSON"],
  ["JSON that is not UTF-8", '{"name":"\xff"}', "The value is not well-formed JSON"],
  [
    "JSON of a hundred thousand levels",
    "[".repeat(100_000) + "]".repeat(100_000),
    "The value must be an object",
  ],
];

/** A DynamicValue that is not an object of the echo provider, and the expected error. */
interface MalformedValue {
  readonly name: string;
  readonly wire: object;
  readonly detail: string;
  /** The attribute that is to be shown; null where it is not about one. */
  readonly place: string | null;
}
const malformed = (name: string, wire: object, detail: string): MalformedValue => ({
  name,
  wire,
  detail,
  place: /^[a-z]+/.exec(detail)?.[0] ?? null,
});
export const MALFORMED_VALUES: readonly MalformedValue[] = [
  ...MSGPACK.map(([name, msgpack, detail]) => malformed(name, { msgpack }, detail)),
  ...JSONS.map(([name, json, detail]) => malformed(name, { json: Buffer.from(json, "latin1") }, detail)),
];
