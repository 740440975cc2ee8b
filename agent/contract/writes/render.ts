import type { AttributePath, Condition, Delete, Put, Update } from "./write.js";

/** What each write of DynamoDB takes beside the table's name. Absent where the write has no condition, or no value. */
interface Expressions {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

/**
 * A write in the words of PutItem, UpdateItem or DeleteItem, but for the table's name. Each name and each value stands by a
 * placeholder: many attributes are DynamoDB's reserved words. Pure.
 */
export function renderPut({ item, key, condition }: Put): { Item: Record<string, unknown> } & Expressions {
  const places = createPlaceholders();
  return { Item: { ...item, ...key }, ...expressions(condition, places) };
}

/** As renderPut. Throws for an update that changes nothing, which DynamoDB refuses. */
export function renderUpdate({
  key,
  set,
  within,
  remove,
  condition,
}: Update): { Key: Record<string, string>; UpdateExpression: string } & Expressions {
  const places = createPlaceholders();
  const inside = Object.entries(within).flatMap(([name, inner]) =>
    Object.entries(inner).map(([key, value]) => [[name, key], value] as const),
  );
  const sets = [...Object.entries(set), ...inside].map(
    ([path, value]) => `${places.name(path as AttributePath)} = ${places.value(value)}`,
  );
  const clauses = [
    ...(sets.length === 0 ? [] : [`SET ${sets.join(", ")}`]),
    ...(remove.length === 0 ? [] : [`REMOVE ${remove.map(places.name).join(", ")}`]),
  ];
  if (clauses.length === 0) throw new Error("An update that changes nothing can't be written.");
  return { Key: { ...key }, UpdateExpression: clauses.join(" "), ...expressions(condition, places) };
}

/** As renderPut. */
export function renderDelete({ key, condition }: Delete): { Key: Record<string, string> } & Expressions {
  return { Key: { ...key }, ...expressions(condition, createPlaceholders()) };
}

function expressions(condition: Condition | null, places: Placeholders): Expressions {
  const text = condition === null ? null : renderCondition(condition, places);
  return { ...(text === null ? {} : { ConditionExpression: text }), ...places.rendered() };
}

interface Placeholders {
  name(path: AttributePath): string;
  value(value: unknown): string;
  rendered(): Omit<Expressions, "ConditionExpression">;
}

/** A placeholder for each name, which is used again, and for each value, which is not: `#0`, `:0`. */
function createPlaceholders(): Placeholders {
  const names = new Map<string, string>();
  const values: [string, unknown][] = [];
  function one(name: string): string {
    const placeholder = names.get(name) ?? `#${names.size}`;
    names.set(name, placeholder);
    return placeholder;
  }
  return {
    name: (path) => [path].flat().map(one).join("."),
    value(value) {
      const placeholder = `:${values.length}`;
      values.push([placeholder, value]);
      return placeholder;
    },
    rendered: () => ({
      ...(names.size === 0
        ? {}
        : {
            ExpressionAttributeNames: Object.fromEntries(
              [...names].map(([name, placeholder]) => [placeholder, name]),
            ),
          }),
      ...(values.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(values) }),
    }),
  };
}

function renderCondition(condition: Condition, places: Placeholders): string {
  switch (condition.is) {
    case "present":
      return `attribute_exists(${places.name(condition.path)})`;
    case "absent":
      return `attribute_not_exists(${places.name(condition.path)})`;
    case "number":
      return `attribute_type(${places.name(condition.path)}, ${places.value("N")})`;
    case "equal":
      return `${places.name(condition.path)} = ${places.value(condition.value)}`;
    case "at-most":
      return `${places.name(condition.path)} <= ${places.value(condition.value)}`;
    case "one-of":
      return `${places.name(condition.path)} IN (${condition.values.map(places.value).join(", ")})`;
    case "all":
    case "any": {
      const parts = condition.of.map((part) => renderPart(part, places));
      return parts.join(condition.is === "all" ? " AND " : " OR ");
    }
    case "not":
      return `NOT (${renderCondition(condition.of, places)})`;
  }
}

function renderPart(condition: Condition, places: Placeholders): string {
  const text = renderCondition(condition, places);
  return condition.is === "all" || condition.is === "any" ? `(${text})` : text;
}
