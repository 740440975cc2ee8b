import { renderValue } from "./problem.js";

/** The types that a schema asks for, in words. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  object: "a mapping (key: value)",
  array: "a list",
};
const TRUE_WORDS = /^(?:true|yes|on|y)$/i;
const FALSE_WORDS = /^(?:false|no|off|n)$/i;

/**
 * What is wrong with a value of another type than `type` (JSON Schema's), and how to write it: "must be text: write "4" in
 * quotes; got the number 4". `domain` says more exactly what is wanted, `written` is the value as the file has it. Pure.
 */
export function typeProblem(type: string, value: unknown, domain?: string, written?: string): string {
  const wanted = domain ?? TYPE_WORDS[type] ?? type;
  return `must be ${wanted}${advice(type, value, written)}; got ${renderKind(value)}`;
}

/** A value with its kind: `the number 4`. */
function renderKind(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "number") return `the number ${value}`;
  if (typeof value === "boolean") return `the boolean ${value}`;
  if (typeof value === "string") return `the text ${renderValue(value)}`;
  if (isDate(value)) return `the date ${renderValue(value)}`;
  if (ArrayBuffer.isView(value)) return "binary data";
  return `${Array.isArray(value) ? "the list" : "the mapping"} ${renderValue(value)}`;
}

function advice(type: string, value: unknown, written: string | undefined): string {
  if (value === null) return ": give it a value, or remove the line";
  const quoted = (text: string): string => `: write ${JSON.stringify(text)} in quotes`;
  if (type === "string") return isPlain(value) ? quoted(written ?? String(value)) : "";
  if (type === "array")
    return isPlain(value) || typeof value === "string" ? `: write [${written ?? value}]` : "";
  if (typeof value !== "string") return "";
  if (type === "number" && value.trim() !== "" && Number.isFinite(Number(value)))
    return `: write ${Number(value)} without quotes`;
  if (type === "integer" && /^-?\d+$/.test(value)) return `: write ${Number(value)} without quotes`;
  if (type === "boolean" && TRUE_WORDS.test(value)) return ": write true";
  if (type === "boolean" && FALSE_WORDS.test(value)) return ": write false";
  return "";
}

const isPlain = (value: unknown): boolean =>
  typeof value === "number" || typeof value === "boolean" || isDate(value);
/** YAML 1.1 has them, 1.2 does not. */
const isDate = (value: unknown): boolean => Object.prototype.toString.call(value) === "[object Date]";
