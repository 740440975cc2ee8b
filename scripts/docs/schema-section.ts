import type { Attribute, Attributes, Schema, TypeShape } from "../../provider/core/types.js";

/** An object inside a schema, which gets a section of its own. */
interface Nested {
  readonly path: string;
  readonly attributes: Attributes;
}

/** A schema as the registry shows it: required, optional and read-only attributes, then each nested object. */
export function renderSchema(schema: Schema): string {
  const blocks = Object.entries(schema.blocks ?? {}).map(
    ([name, { attributes }]): Nested => ({ path: name, attributes }),
  );
  const blockLines = blocks.map(
    ({ path }) => `- \`${path}\` (Block, Optional) (see [below](#${anchor(path)}))`,
  );
  const nested = [...nestedIn(schema.attributes, ""), ...blocks.flatMap(withInner)];
  return [
    "## Schema",
    ...renderGroups(schema.attributes, "", blockLines),
    ...nested.flatMap(({ path, attributes }) => [
      `<a id="${anchor(path)}"></a>\n### Nested Schema for \`${path}\``,
      ...renderGroups(attributes, path, []),
    ]),
  ].join("\n\n");
}

/** With the same headings as other providers in the registry. */
function renderGroups(
  attributes: Attributes,
  path: string,
  moreOptional: readonly string[],
): readonly string[] {
  const linesOf = (...modes: readonly Attribute["mode"][]): readonly string[] =>
    Object.entries(attributes)
      .filter(([, { mode }]) => modes.includes(mode))
      .map(([name, attribute]) => renderAttribute(name, attribute, join(path, name)));
  const groups = [
    ["Required", linesOf("required")],
    ["Optional", [...linesOf("optional", "defaulted", "filled", "writeOnly"), ...moreOptional]],
    ["Read-Only", linesOf("computed")],
  ] as const;
  const heading = path === "" ? (title: string) => `### ${title}` : (title: string) => `${title}:`;
  return groups
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${heading(title)}\n\n${lines.join("\n")}`);
}

function renderAttribute(name: string, attribute: Attribute, path: string): string {
  const { type, description, defaultValue, sensitive } = attribute;
  const notes = [
    ...(defaultValue === undefined ? [] : [`Default: \`${JSON.stringify(defaultValue)}\`.`]),
    ...(objectIn(type) === null ? [] : [`(see [below](#${anchor(path)}))`]),
  ];
  const kind = sensitive === true ? `${renderType(type)}, Sensitive` : renderType(type);
  return [`- \`${name}\` (${kind})`, description, ...notes].join(" ");
}

function renderType(type: TypeShape): string {
  switch (type.kind) {
    case "string":
      return "String";
    case "bool":
      return "Boolean";
    case "number":
    case "integer":
      return "Number";
    case "object":
      return "Attributes";
    case "list":
    case "set":
    case "map": {
      const container = { list: "List", set: "Set", map: "Map" }[type.kind];
      return `${container} of ${renderType(type.element)}`;
    }
  }
}

function objectIn(type: TypeShape): Attributes | null {
  if (type.kind === "object") return type.attributes;
  return "element" in type ? objectIn(type.element) : null;
}

const nestedIn = (attributes: Attributes, path: string): readonly Nested[] =>
  Object.entries(attributes).flatMap(([name, { type, mode }]) => {
    const inner = objectIn(type);
    if (inner === null) return [];
    return withInner({ path: join(path, name), attributes: mode === "computed" ? readOnly(inner) : inner });
  });

/** Attributes inside a computed one are read-only too, even those that may be null. */
const readOnly = (attributes: Attributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [name, { ...attribute, mode: "computed" }]),
  );

const withInner = (nested: Nested): readonly Nested[] => [
  nested,
  ...nestedIn(nested.attributes, nested.path),
];
const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);
const anchor = (path: string): string => `nested--${path.replaceAll(".", "--")}`;
