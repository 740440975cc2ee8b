import type { OrgPlace } from "../../agent/contract/names.js";
import { failure } from "../core/diagnostic.js";
import type { PrivateState } from "../core/private-state.js";
import type { Resource } from "../core/resource.js";
import type { Schema, State } from "../core/types.js";
import type { MusterClient } from "./ports.js";

const PLACE = "place";

/**
 * Binds a resource to the org and region that it was made in. A provider for another org or region would not find the object,
 * treat it as deleted, and make a second one. So it fails, before any call.
 */
export function boundToPlace<S extends Schema>(
  resource: Resource<S, MusterClient>,
): Resource<S, MusterClient> {
  return {
    ...resource,
    async create(plan, context) {
      remember(context.privateState, context.client);
      return resource.create(plan, context);
    },
    async read(state, context) {
      refuseElsewhere(state, context.privateState, context.client);
      const found = await resource.read(state, context);
      // An import's first read finds out.
      remember(context.privateState, context.client);
      return found;
    },
    async update(plan, prior, context) {
      refuseElsewhere(prior, context.privateState, context.client);
      return resource.update(plan, prior, context);
    },
    async delete(state, context) {
      refuseElsewhere(state, context.privateState, context.client);
      return resource.delete(state, context);
    },
  };
}

const remember = (privateState: PrivateState, { org, region }: OrgPlace): void =>
  privateState.set(PLACE, { org, region });

function refuseElsewhere(state: State<Schema>, privateState: PrivateState, asked: OrgPlace): void {
  const made = privateState.get(PLACE) as OrgPlace | null;
  if (made === null || (made.org === asked.org && made.region === asked.region)) return;
  throw failure(
    "place-changed",
    `${String(state["id"])} is in org ${made.org} in ${made.region}`,
    `The provider is configured for org ${asked.org} in ${asked.region}, and would take it for deleted. Set the provider's org and region back. To have it there instead, destroy it here first; to have it in both, give each a provider of its own (alias).`,
  );
}
