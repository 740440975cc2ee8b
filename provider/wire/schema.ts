import type { Attribute, Attributes, Schema, TypeShape } from "../core/types.js";

type WireObject = Readonly<Record<string, unknown>>;

/** A schema as Terraform wants it. Given objects are nested attributes; computed ones are plain object types. */
export function toWireSchema(schema: Schema): WireObject {
  return {
    version: schema.version,
    block: {
      version: schema.version,
      description: schema.description,
      attributes: toWireAttributes(schema.attributes),
      block_types: Object.entries(schema.blocks ?? {}).map(([name, { attributes }]) => ({
        type_name: name,
        nesting: "SINGLE",
        block: { attributes: toWireAttributes(attributes) },
      })),
    },
  };
}

const toWireAttributes = (attributes: Attributes): readonly WireObject[] =>
  Object.entries(attributes).map(([name, attribute]) => toWireAttribute(name, attribute));

function toWireAttribute(
  name: string,
  { type, mode, description, sensitive = false }: Attribute,
): WireObject {
  return {
    name,
    description,
    required: mode === "required",
    optional: mode === "optional" || mode === "defaulted" || mode === "filled" || mode === "writeOnly",
    write_only: mode === "writeOnly",
    computed: mode === "computed" || mode === "defaulted" || mode === "filled",
    sensitive,
    ...(mode === "computed" ? plainType(type) : (nestedType(type) ?? plainType(type))),
  };
}

const plainType = (type: TypeShape): WireObject => ({
  type: Buffer.from(JSON.stringify(typeConstraint(type))),
});

const NESTING = { list: "LIST", set: "SET", map: "MAP" } as const;

function nestedType(type: TypeShape): WireObject | null {
  if (type.kind === "object") {
    return { nested_type: { nesting: "SINGLE", attributes: toWireAttributes(type.attributes) } };
  }
  if (
    (type.kind === "list" || type.kind === "set" || type.kind === "map") &&
    type.element.kind === "object"
  ) {
    const attributes = toWireAttributes(type.element.attributes);
    return { nested_type: { nesting: NESTING[type.kind], attributes } };
  }
  return null;
}

/** Terraform's JSON for a type: "string", ["list", "string"], ["object", {...}]. */
function typeConstraint(type: TypeShape): unknown {
  switch (type.kind) {
    case "string":
    case "number":
    case "bool":
      return type.kind;
    case "integer":
      return "number";
    case "list":
    case "set":
    case "map":
      return [type.kind, typeConstraint(type.element)];
    case "object":
      return [
        "object",
        Object.fromEntries(
          Object.entries(type.attributes).map(([name, { type: inner }]) => [name, typeConstraint(inner)]),
        ),
      ];
  }
}
