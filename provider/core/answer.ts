import { failure } from "./diagnostic.js";
import { objectWithDefaults } from "./plan.js";
import { allAttributes, isProviderSupplied } from "./schema.js";
import type { Schema } from "./types.js";
import { isWhollyKnown, type ObjectValue, objectWithUnknownsNulled, type Value } from "./value.js";

/** A configuration with its defaults. Throws if a part is unknown: Terraform calls only when everything is known. */
export function askedOf(schema: Schema, config: ObjectValue): ObjectValue {
  if (!isWhollyKnown(config)) {
    throw failure(
      "configuration-unknown",
      "The configuration is not known yet",
      "It can be read when every value of it is known.",
    );
  }
  return objectWithDefaults(allAttributes(schema), config, config);
}

/** The provider's answer merged with the request: it may complete what the user gave, but never changes it. */
export function answered(schema: Schema, asked: ObjectValue, found: ObjectValue): ObjectValue {
  const users = Object.entries(allAttributes(schema))
    .filter(([name, attribute]) => !isProviderSupplied(attribute, asked[name] ?? null))
    .map(([name]): [string, Value] => [name, asked[name] ?? null]);
  return objectWithUnknownsNulled({ ...asked, ...found, ...Object.fromEntries(users) });
}
