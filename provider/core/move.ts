import { failure } from "./diagnostic.js";
import type { AnyResource, RawState } from "./resource.js";
import type { ObjectValue } from "./value.js";

/** A stored state of another kind, and its origin. */
export interface ForeignState {
  readonly typeName: string;
  /** As Terraform writes it, e.g. registry.terraform.io/hashicorp/null. */
  readonly providerAddress: string;
  readonly schemaVersion: number;
  readonly state: RawState;
}

/** The first attributes of a `typeName` that was another type before. Throws DiagnosticError if it can't take over such a state. */
export function moveState<Client>(
  typeName: string,
  resource: AnyResource<Client>,
  { state, ...source }: ForeignState,
): ObjectValue {
  const sources = (resource.moveFrom ?? []).filter((known) => isFrom(known, source));
  const known = sources.find(({ schemaVersions }) => schemaVersions.includes(source.schemaVersion));
  if (known !== undefined) return known.move(state) as ObjectValue;
  const from = `${source.typeName} of ${source.providerAddress}`;
  if (sources.length > 0) {
    const versions = sources.flatMap(({ schemaVersions }) => schemaVersions).join(", ");
    throw failure(
      "move-version-unsupported",
      `Unsupported move to ${typeName}`,
      `The state of ${from} has schema version ${source.schemaVersion}; this provider knows ${versions}. Apply once with a version of that provider that has one of these, then move.`,
    );
  }
  const takes = (resource.moveFrom ?? []).map((other) => `${other.typeName} of ${other.provider}`).join(", ");
  const instead =
    resource.import === undefined ? "" : ", and bring the object in by an import block for the new address";
  throw failure(
    "move-unsupported",
    `Unsupported move to ${typeName}`,
    `A ${from} can't become a ${typeName}, which takes over states of ${takes || "no other type"}. Replace the moved block by a removed block for the old address${instead}.`,
  );
}

/** Ignores the registry's host: mirrors and forks of registries offer the same providers. */
const isFrom = (
  known: { readonly typeName: string; readonly provider: string },
  { typeName, providerAddress }: Pick<ForeignState, "typeName" | "providerAddress">,
): boolean =>
  known.typeName === typeName && known.provider === providerAddress.split("/").slice(-2).join("/");
