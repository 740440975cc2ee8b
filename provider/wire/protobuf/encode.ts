import { Writer } from "protobufjs/minimal.js";
import type { Field, FieldType, Protocol } from "./protocol.js";

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const MAP_KEY_TAG = (1 << 3) | LENGTH_DELIMITED;
const MAP_VALUE_ID = 2;

type Message = Readonly<Record<string, unknown>>;

/** The bytes of a message of that type. Missing and null fields are left out; fields that it does not have are ignored. */
export function encodeMessage(protocol: Protocol, typeName: string, message: object): Buffer {
  const writer = Writer.create();
  writeFields(writer, protocol, typeName, message as Message);
  const bytes = writer.finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function writeFields(writer: Writer, protocol: Protocol, typeName: string, message: Message): void {
  for (const field of protocol.messages[typeName] ?? []) {
    const value = message[field.name];
    if (value !== undefined && value !== null) writeField(writer, protocol, field, value);
  }
}

function writeField(writer: Writer, protocol: Protocol, field: Field, value: unknown): void {
  if (field.shape === "repeated") {
    for (const element of value as readonly unknown[]) writeValue(writer, protocol, field, element);
    return;
  }
  if (field.shape === "map") {
    for (const [key, element] of Object.entries(value as Message)) {
      writer.uint32((field.id << 3) | LENGTH_DELIMITED).fork();
      writer.uint32(MAP_KEY_TAG).string(key);
      writeValue(writer, protocol, { id: MAP_VALUE_ID, type: field.type }, element);
      writer.ldelim();
    }
    return;
  }
  if (field.hasPresence || !isDefault(field.type, value)) writeValue(writer, protocol, field, value);
}

function isDefault(type: FieldType, value: unknown): boolean {
  if (type.kind === "message") return false;
  if (type.kind === "enum") return type.values[value as string] === 0;
  return type.kind === "bytes" ? (value as Uint8Array).length === 0 : !value;
}

function writeValue(
  writer: Writer,
  protocol: Protocol,
  { id, type }: Pick<Field, "id" | "type">,
  value: unknown,
): void {
  const isVarint = type.kind !== "string" && type.kind !== "bytes" && type.kind !== "message";
  writer.uint32((id << 3) | (isVarint ? VARINT : LENGTH_DELIMITED));
  switch (type.kind) {
    case "string":
      writer.string(value as string);
      return;
    case "bytes":
      writer.bytes(value as Uint8Array);
      return;
    case "bool":
      writer.bool(value as boolean);
      return;
    case "int32":
    case "int64":
      writer.int64(value as number);
      return;
    case "enum":
      writer.int32(numberOf(type.values, value as string));
      return;
    case "message":
      writer.fork();
      writeFields(writer, protocol, type.name, value as Message);
      writer.ldelim();
  }
}

function numberOf(values: Readonly<Record<string, number>>, name: string): number {
  const number = values[name];
  if (number === undefined) throw new Error(`${name} is none of ${Object.keys(values).join(", ")}.`);
  return number;
}
