/** As much of a JSON Schema as the settings of muster.yaml use. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[] | undefined;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly default?: unknown;
}

/**
 * The TypeScript type of what a schema allows once its defaults are filled in, with each property's description as its comment. Throws
 * for a schema that it can't write: a type that allows more than the schema would be a lie. Pure.
 */
export function typeOfSchema(schema: JsonSchema, indent = ""): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf !== undefined) {
    return [...new Set(schema.anyOf.map((one) => typeOfSchema(one, indent)))].join(" | ");
  }
  if (typeof schema.type === "object") {
    return schema.type.map((type) => typeOfSchema({ ...schema, type }, indent)).join(" | ");
  }
  switch (schema.type) {
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "number":
      return "number";
    case "integer":
      return typeOfInteger(schema);
    case "array":
      return arrayOf(typeOfSchema(schema.items ?? {}, indent));
    case "object":
      return typeOfObject(schema, indent);
    default:
      throw new Error(`No TypeScript type is known for this schema: ${JSON.stringify(schema)}`);
  }
}

/** A choice among so many numbers is spelt out: `1 | 2`. */
const FEW = 4;

function typeOfInteger({ minimum = 0, maximum = Number.POSITIVE_INFINITY }: JsonSchema): string {
  const count = maximum - minimum + 1;
  if (count > FEW) return "number";
  return Array.from({ length: count }, (_, index) => String(minimum + index)).join(" | ");
}

const arrayOf = (element: string): string => (/^[a-z]+$/.test(element) ? `${element}[]` : `(${element})[]`);

function typeOfObject({ properties, required = [], patternProperties }: JsonSchema, indent: string): string {
  if (properties === undefined) {
    const [values] = Object.values(patternProperties ?? {});
    if (values === undefined)
      throw new Error("No TypeScript type is known for an object that may have any key.");
    return `Record<string, ${typeOfSchema(values, indent)}>`;
  }
  const inner = `${indent}  `;
  const members = Object.entries(properties).flatMap(([name, property]) => [
    ...commentLines(descriptionOf(property), inner),
    `${inner}${keyText(name)}${required.includes(name) ? "" : "?"}: ${typeOfSchema(property, inner)};`,
  ]);
  return ["{", ...members, `${indent}}`].join("\n");
}

const keyText = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));

/** The description, and the default as people of constructs know it. An object's default is that of its parts. */
function descriptionOf({ description = "", default: value }: JsonSchema): string {
  const isPlain = value !== undefined && (typeof value !== "object" || Array.isArray(value));
  return [description, ...(isPlain ? [`@default ${JSON.stringify(value)}`] : [])].filter(Boolean).join("\n");
}

/** A text as the lines of a doc comment; none for an empty text. Pure. */
export function commentLines(text: string, indent = ""): readonly string[] {
  if (text === "") return [];
  // TSDoc reads these signs; in a description they are meant as they are.
  const safe = text
    .replaceAll("*/", "*\\/")
    .replace(/[{}<>]/g, "\\$&")
    .replace(/@(?!default )/g, "\\@");
  return [`${indent}/**`, ...safe.split("\n").map((line) => `${indent} * ${line}`), `${indent} */`];
}
