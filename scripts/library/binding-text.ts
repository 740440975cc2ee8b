import { type BindingShape, shapeOf } from "../../provider/bindings/construct.js";
import { camelCase } from "../../provider/bindings/render.js";
import type { Attribute, Mode, TypeShape } from "../../provider/core/types.js";
import { commentLines } from "./schema-text.js";

const HEAD = [
  'import type { IResolvable, TerraformDataSource, TerraformMetaArguments, TerraformProvider, TerraformResource } from "cdktf";',
  'import type { Construct } from "constructs";',
].join("\n");

const BASES = {
  resource: "TerraformResource",
  data: "TerraformDataSource",
  provider: "TerraformProvider",
} as const;

/**
 * The declarations of the provider's CDKTF classes, as one module: props and references with the schemas' own descriptions. The classes
 * themselves derive their types from the schemas, which editors show without a word. Pure.
 */
export function bindingDeclarations(bindings: Readonly<Record<string, unknown>>): string {
  const classes = Object.entries(bindings).map(([name, binding]) => {
    const shape = shapeOf(binding);
    if (shape === undefined) throw new Error(`${name} of provider/bindings is not made from a schema.`);
    return classText(name, shape);
  });
  return `${[HEAD, ...classes].join("\n\n")}\n`;
}

function classText(name: string, { kind, schema }: BindingShape): string {
  const props = `${name}Props`;
  const extras = kind === "provider" ? [] : [" extends TerraformMetaArguments"];
  const references =
    kind === "provider"
      ? []
      : Object.entries(schema.attributes).flatMap(([attribute, { description, type }]) => [
          ...commentLines(description, "  "),
          `  readonly ${camelCase(attribute)}: ${referenceType(type)};`,
        ]);
  return [
    ...commentLines(`What {@link ${name}} is given.`).map((line) => line.replace(/\\(?=[{}@])/g, "")),
    `export interface ${props}${extras.join("")} {`,
    ...(kind === "provider"
      ? [...commentLines("The name of this provider beside another.", "  "), "  readonly alias?: string;"]
      : []),
    ...Object.entries(schema.attributes).flatMap(([attribute, value]) => propLines(attribute, value)),
    ...Object.entries(schema.blocks ?? {}).map(
      ([block, type]) => `  readonly ${camelCase(block)}?: ${givenType(type)};`,
    ),
    "}",
    "",
    ...commentLines(schema.description),
    `export declare class ${name} extends ${BASES[kind]} {`,
    `  constructor(scope: Construct, id: string, props: ${props});`,
    ...references,
    "}",
  ].join("\n");
}

function propLines(name: string, { mode, description, type, defaultValue }: Attribute): readonly string[] {
  if (mode === "computed") return [];
  const shown = defaultValue === undefined ? [] : [`@default ${JSON.stringify(defaultValue)}`];
  return [
    ...commentLines([description, ...shown].join("\n"), "  "),
    `  readonly ${camelCase(name)}${isOptional(mode)}: ${givenType(type)}${mode === "required" ? "" : " | undefined"};`,
  ];
}

const isOptional = (mode: Mode): "" | "?" => (mode === "required" ? "" : "?");

/** A value as the user gives it: objects in camel case, booleans also as tokens. As `Given` in provider/bindings/props.ts. */
function givenType(type: TypeShape): string {
  switch (type.kind) {
    case "string":
      return "string";
    case "number":
    case "integer":
      return "number";
    case "bool":
      return "boolean | IResolvable";
    case "list":
    case "set":
      return `readonly (${elementType(type.element)})[]`;
    case "map":
      return `Readonly<Record<string, ${elementType(type.element)}>>`;
    case "object": {
      const members = Object.entries(type.attributes).map(([name, { mode, type: inner }]) => {
        const end = mode === "required" ? "" : " | undefined";
        return `readonly ${camelCase(name)}${isOptional(mode)}: ${givenType(inner)}${end};`;
      });
      return `{ ${members.join(" ")} }`;
    }
  }
}

const elementType = (type: TypeShape): string =>
  `${givenType(type)}${type.nullable === true ? " | null" : ""}`;

/** A reference to an attribute. As `Reference` in provider/bindings/props.ts. */
function referenceType(type: TypeShape): string {
  switch (type.kind) {
    case "string":
      return "string";
    case "number":
    case "integer":
      return "number";
    case "list":
    case "set":
      return type.element.kind === "string" ? "string[]" : "IResolvable";
    case "map":
      return "Record<string, string>";
    default:
      return "IResolvable";
  }
}
