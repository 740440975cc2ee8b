import { Reader } from "protobufjs/minimal.js";
import type { Field, FieldType, Protocol } from "./protocol.js";

const VARINT = 0;
const LENGTH_DELIMITED = 2;

type Message = Record<string, unknown>;

/**
 * A message of that type: each field is there, with its default where the bytes have none; enums are names, 64-bit
 * numbers plain ones: versions and counts are small. Unknown fields are skipped. Throws for bytes that are not a message.
 */
export function decodeMessage(protocol: Protocol, typeName: string, bytes: Buffer): object {
  const reader = Reader.create(bytes);
  return readFields(reader, protocol, typeName, reader.len);
}

function readFields(reader: Reader, protocol: Protocol, typeName: string, end: number): Message {
  if (end > reader.len) throw new RangeError(`${typeName} is cut off: ${reader.len} bytes instead of ${end}`);
  const fields = protocol.messages[typeName] ?? [];
  const message: Message = {};
  for (const field of fields) if (!field.hasPresence) message[field.name] = absent(field);
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = fields.find(({ id }) => id === tag >>> 3);
    if (field === undefined || wireTypeOf(field) !== (tag & 7)) reader.skipType(tag & 7);
    else readField(reader, protocol, field, message);
  }
  return message;
}

const wireTypeOf = ({ shape, type: { kind } }: Field): number =>
  shape === "map" || kind === "string" || kind === "bytes" || kind === "message" ? LENGTH_DELIMITED : VARINT;

function absent({ shape, type }: Field): unknown {
  if (shape === "repeated") return [];
  return shape === "map" ? {} : absentValue(type);
}

function absentValue(type: FieldType): unknown {
  switch (type.kind) {
    case "string":
      return "";
    case "bytes":
      return Buffer.alloc(0);
    case "bool":
      return false;
    case "int32":
    case "int64":
      return 0;
    case "enum":
      return nameOf(type.values, 0);
    case "message":
      return null;
  }
}

function readField(reader: Reader, protocol: Protocol, { name, shape, type }: Field, message: Message): void {
  if (shape === "one") message[name] = readValue(reader, protocol, type);
  else if (shape === "repeated") (message[name] as unknown[]).push(readValue(reader, protocol, type));
  else readEntry(reader, protocol, type, message[name] as Message);
}

/** A map's entry is a message: its key is field 1, its value 2. */
function readEntry(reader: Reader, protocol: Protocol, type: FieldType, entries: Message): void {
  const end = reader.uint32() + reader.pos;
  let key = "";
  let value = absentValue(type);
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) key = readText(reader);
    else if (tag >>> 3 === 2) value = readValue(reader, protocol, type);
    else reader.skipType(tag & 7);
  }
  // Defined, and not assigned: a key may be "__proto__".
  Object.defineProperty(entries, key, { value, enumerable: true, writable: true, configurable: true });
}

/** The reader's own string() accepts an incomplete text as a shorter one. */
const readText = (reader: Reader): string => Buffer.from(reader.bytes()).toString("utf8");

function readValue(reader: Reader, protocol: Protocol, type: FieldType): unknown {
  switch (type.kind) {
    case "string":
      return readText(reader);
    case "bytes":
      return reader.bytes();
    case "bool":
      return reader.bool();
    case "int32":
      return reader.int32();
    case "int64":
      return Number(reader.int64());
    case "enum":
      return nameOf(type.values, reader.int32());
    case "message": {
      const end = reader.uint32() + reader.pos;
      return readFields(reader, protocol, type.name, end);
    }
  }
}

/** A number without a name in this version of the protocol stays a number. */
const nameOf = (values: Readonly<Record<string, number>>, number: number): string | number =>
  Object.keys(values).find((name) => values[name] === number) ?? number;
