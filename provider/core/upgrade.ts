import { failure } from "./diagnostic.js";
import type { AnyResource, RawState } from "./resource.js";

/**
 * Upgrades a stored state of `version` to the schema's version, step by step. The same version passes unchanged. Throws
 * DiagnosticError if the state is newer than this provider, or too old.
 */
export function upgradeState<Client>(
  typeName: string,
  resource: AnyResource<Client>,
  version: number,
  state: RawState,
): RawState {
  const current = resource.schema.version;
  if (version > current) {
    throw failure(
      "state-too-new",
      `The state of ${typeName} is newer than this provider`,
      `It was written at schema version ${version}; this provider knows ${current}. Use the provider's newer version.`,
    );
  }
  let upgraded = state;
  for (let from = version; from < current; from++) {
    const step = resource.upgrade?.[from];
    if (step === undefined) {
      throw failure(
        "state-too-old",
        `The state of ${typeName} is too old`,
        `It was written at schema version ${version}; this provider can't bring version ${from} to ${from + 1}.`,
      );
    }
    upgraded = step(upgraded);
  }
  return upgraded;
}
