import type { TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { placeOf, shownValue } from "./shown-value.js";

export { placeOf, shownValue } from "./shown-value.js";

/** How many problems of one request are reported; the others are counted. */
export const MAX_PROBLEMS = 100;
/** Counting ends here, because a client can send any number of problems. */
const MAX_COUNTED = 1_000;
/** A reason is stored in an item of the table, and shown in Terraform's diagnostics and in one line of a log. */
const REASON_CHARACTERS = 2_000;

/** The first MAX_PROBLEMS of them, and a line that counts the rest. Reads no more of `problems` than needed. Pure. */
export function listProblems(problems: Iterable<string>): string[] {
  const listed: string[] = [];
  let count = 0;
  for (const problem of problems) {
    count += 1;
    if (listed.length < MAX_PROBLEMS) listed.push(problem);
    if (count === MAX_COUNTED) break;
  }
  const more = count - listed.length;
  if (more > 0) listed.push(`and ${count === MAX_COUNTED ? "at least " : ""}${more} more`);
  return listed;
}

/** Problems as a job's reason: as many of them as one line may hold. Pure. */
export function renderReason(what: string, problems: readonly string[]): string {
  const text = `${what}: ${problems.join("; ")}`;
  return text.length > REASON_CHARACTERS ? `${text.slice(0, REASON_CHARACTERS - 3)}...` : text;
}

/**
 * Every way in which `value` breaks `schema`, found lazily: a caller that stops early saves the rest. `whole` names the value itself;
 * with `isPrefix`, it comes before each path.
 */
export function* schemaProblems(
  schema: TSchema,
  value: unknown,
  whole = "request",
  isPrefix = false,
): Generator<string> {
  for (const { path, message, value: got } of Value.Errors(schema, value)) {
    const steps = path.split("/").slice(1).map(decoded);
    const where = steps.length === 0 ? whole : placeOf(...(isPrefix ? [whole, ...steps] : steps));
    yield `${where}: got ${shownValue(got)}; ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  }
}

/**
 * Every property of an object whose text is none of those that its schema lists: TypeBox does not look at `enum`. For what comes in;
 * an item of the registry may have been written by a newer version, which knows more. Of a union's or a nested object's properties, none. Pure.
 */
export function* choiceProblems({ properties = {} }: TSchema, value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [name, schema] of Object.entries(properties as Readonly<Record<string, TSchema>>)) {
    const got = (value as Readonly<Record<string, unknown>>)[name];
    const choices: readonly string[] | undefined = schema["enum"];
    if (choices !== undefined && typeof got === "string" && !choices.includes(got))
      yield `${name}: got ${shownValue(got)}; expected one of ${choices.join(", ")}`;
  }
}

/** One step of a JSON pointer. */
const decoded = (step: string): string => step.replaceAll("~1", "/").replaceAll("~0", "~");
