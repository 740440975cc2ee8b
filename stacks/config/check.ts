import type { TSchema } from "@sinclair/typebox";
import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from "ajv";
import { closest, distance } from "fastest-levenshtein";
import { NotebookSettings } from "./notebook.js";
import { type Path, type Problem, renderValue, renderYamlPath } from "./problem.js";
import { ClusterSettings, MusterFile } from "./schema.js";
import { typeProblem } from "./type-problem.js";

// Ajv fills in a default only where a key is missing; TypeBox's Value.Default would merge it into what is there.
// The schemas are our own, and the unit tests hold them against JSON Schema's: to do so at each start takes longer than all checks of a file.
const ajv = new Ajv({
  ...{ allErrors: true, verbose: true, useDefaults: true, allowUnionTypes: true },
  ...{ validateSchema: false, code: { optimize: false } },
});

/** How the file writes a single value; undefined where the value is not in a file. */
type WrittenAt = (path: Path) => string | undefined;
/** A copy of a parsed value with the defaults filled in, and every way in which it breaks its schema, one a path. Pure. */
export type SchemaCheck = (
  parsed: unknown,
  writtenAt?: WrittenAt,
) => { readonly value: unknown; readonly problems: Problem[] };

/** For a whole muster.yaml. */
export const checkFile: SchemaCheck = checkOf(MusterFile);
/** For one of its clusters; paths start at the cluster. */
export const checkCluster: SchemaCheck = checkOf(ClusterSettings);
/** For a notebook of one; paths start at the notebook. */
export const checkNotebook: SchemaCheck = checkOf(NotebookSettings);

/** The schema is compiled when it is first used: a start needs one of them, and each takes long. */
function checkOf(schema: TSchema): SchemaCheck {
  let compiled: ValidateFunction | null = null;
  return (parsed, writtenAt = () => undefined) => {
    compiled ??= ajv.compile(schema);
    const validate = compiled;
    const value = structuredClone(parsed);
    validate(value);
    const byPath = new Map<string, Problem>();
    for (const error of validate.errors ?? []) {
      const problem = problemOf(error, writtenAt);
      // A value of the wrong type breaks several keywords; the first one says it all.
      const key = renderYamlPath(problem.path);
      if (!byPath.has(key)) byPath.set(key, problem);
    }
    return { value, problems: [...byPath.values()] };
  };
}

function problemOf(error: ErrorObject, writtenAt: WrittenAt): Problem {
  const schema: AnySchemaObject = error.parentSchema ?? {};
  const path = pathOf(error.instancePath);
  if (error.keyword === "additionalProperties") {
    const key = String(error.params["additionalProperty"]);
    return { path: [...path, key], message: unknownKey(key, schema) };
  }
  if (error.keyword === "required") {
    const key = String(error.params["missingProperty"]);
    return {
      path: [...path, key],
      message: `is missing; needed: ${describeAllowed(schema["properties"]?.[key])}`,
    };
  }
  if (error.keyword === "type") {
    const type = String(schema["type"]);
    const isAnyText = type === "string" && schema["enum"] === undefined;
    const message = typeProblem(type, error.data, isAnyText ? undefined : domainOf(schema), writtenAt(path));
    const { description } = schema;
    return { path, message: description === undefined ? message : `${message} (${description})` };
  }
  return { path, message: `got ${renderValue(error.data)}; allowed: ${describeAllowed(schema)}` };
}

/** A JSON pointer's parts, with list positions as numbers. */
function pathOf(pointer: string): Path {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function unknownKey(key: string, schema: AnySchemaObject): string {
  const known = Object.keys(schema["properties"] ?? {});
  if (key.startsWith("x-"))
    return "unknown key; keys that start with x- are allowed only at the top of the file";
  if (known.length === 0) return `not allowed as a key; ${schema["description"]}`;
  const near = nearest(key.toLowerCase(), known);
  const hint = near === null ? "" : `did you mean ${near}? `;
  return `unknown key; ${hint}allowed here: ${known.join(", ")}`;
}

/** The known key that begins with this word (`jobs` is jobDefinitions: both are plural), else one that is a few slips away, or null. */
function nearest(key: string, known: readonly string[]): string | null {
  const word = key.replace(/s$/, "");
  const longer = word.length < 3 ? [] : known.filter((one) => one.toLowerCase().startsWith(word));
  const [first] = longer;
  if (first !== undefined) return longer.find((one) => one.endsWith("s") === key.endsWith("s")) ?? first;
  const near = closest(key, known);
  return distance(key, near.toLowerCase()) <= 3 ? near : null;
}

/** What the schema of one value allows, in words. */
function describeAllowed(schema: AnySchemaObject = {}): string {
  const [example] = schema["type"] === "string" ? (schema["examples"] ?? []) : [];
  const parts = [domainOf(schema), schema["description"], example && `e.g. ${example}`];
  return parts.filter(Boolean).join(" - ");
}

function domainOf(schema: AnySchemaObject): string | undefined {
  if (Array.isArray(schema["enum"])) return schema["enum"].join(" or ");
  const types: string[] = [schema["type"]].flat();
  if (types.includes("integer")) {
    return `a whole number from ${schema["minimum"]} to ${schema["maximum"]}`;
  }
  if (types.includes("number")) return `a number from ${schema["minimum"]} to ${schema["maximum"]}`;
  if (types.includes("boolean")) return "true or false";
  if (schema["maxProperties"] === 1) return `exactly one of ${Object.keys(schema["properties"]).join(", ")}`;
  if (types.includes("object")) return "a mapping";
  if (types.includes("array")) {
    const list = `a list of ${schema["minItems"] ?? 0} to ${schema["maxItems"]}`;
    return types.includes("string") ? `text, or ${list}` : list;
  }
  if (schema["description"] === undefined) return `text of at most ${schema["maxLength"]} characters`;
  return undefined;
}
