import protobuf from "protobufjs";
import type { Field, FieldType, Method, Protocol } from "../../provider/wire/protobuf/protocol.js";

/** The protocol that the text of a .proto file defines. Throws for features that the provider's protocol does not use. */
export function protocolOf(proto: string): Protocol {
  const root = protobuf.parse(proto, { keepCase: true }).root.resolveAll();
  const all = everythingIn(root);
  const types = all.filter((entry) => entry instanceof protobuf.Type);
  const services = all.filter((entry) => entry instanceof protobuf.Service);
  return {
    messages: Object.fromEntries(types.map((type) => [nameOf(type), type.fieldsArray.map(fieldOf)])),
    services: Object.fromEntries(
      services.map((service) => [nameOf(service), service.methodsArray.map(methodOf)]),
    ),
  };
}

const everythingIn = (space: protobuf.NamespaceBase): readonly protobuf.ReflectionObject[] =>
  space.nestedArray.flatMap((entry) =>
    entry instanceof protobuf.Namespace ? [entry, ...everythingIn(entry)] : [entry],
  );

const nameOf = (entry: protobuf.ReflectionObject): string => entry.fullName.slice(1);

function fieldOf(field: protobuf.Field): Field {
  const type = typeOf(field);
  const isMap = field instanceof protobuf.MapField;
  const isNumber = !["string", "bytes", "message"].includes(type.kind);
  if ((isMap && field.keyType !== "string") || (field.repeated && isNumber)) {
    throw new Error(`${field.fullName}: maps have string keys, and numbers are not repeated.`);
  }
  return {
    name: field.name,
    id: field.id,
    type,
    shape: isMap ? "map" : field.repeated ? "repeated" : "one",
    hasPresence: field.partOf !== null,
  };
}

function typeOf({ type, resolvedType, fullName }: protobuf.Field): FieldType {
  if (resolvedType instanceof protobuf.Enum) return { kind: "enum", values: resolvedType.values };
  if (resolvedType instanceof protobuf.Type) return { kind: "message", name: nameOf(resolvedType) };
  switch (type) {
    case "string":
    case "bytes":
    case "bool":
    case "int32":
    case "int64":
      return { kind: type };
    default:
      throw new Error(`${fullName} is a ${type}, which the provider's codec does not know.`);
  }
}

function methodOf(method: protobuf.Method): Method {
  const { resolvedRequestType, resolvedResponseType, requestStream, responseStream, fullName } = method;
  if (resolvedRequestType === null || resolvedResponseType === null || requestStream || responseStream) {
    throw new Error(`${fullName} is not a call with one message each way.`);
  }
  return {
    name: method.name,
    request: nameOf(resolvedRequestType),
    response: nameOf(resolvedResponseType),
  };
}
