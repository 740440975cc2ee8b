import type { FoundThing, RemovableKind } from "../core/cleanup.js";
import type { Removal } from "../core/remove-all.js";
import { type AwsClients, awsClients, type ClientSettings, findCandidates } from "./find.js";
import { withOwnTags } from "./own-tags.js";
import { accountRemovals } from "./removal/account.js";
import { computeRemovals } from "./removal/compute.js";
import { networkRemovals } from "./removal/network.js";
import { judged, type Remove } from "./removal/removal.js";
import { storageRemovals } from "./removal/storage.js";

/** What may be the org's, with the tags that say so, and how each of it is removed. */
export interface Remover {
  /** Everything that may be the org's. Changes nothing. Throws if anything could not be looked at. */
  find(): Promise<readonly FoundThing[]>;
  /** One try to remove a thing. May run again. Throws where waiting does not help. */
  remove(thing: FoundThing): Promise<Removal>;
}

/** Makes no call. */
export function openRemover(org: string, settings: ClientSettings): Remover {
  const clients = awsClients(settings);
  const removals = removalsOf(clients);
  return {
    find: async () => withOwnTags(await findCandidates(org, clients), clients),
    async remove(thing) {
      const remove = Object.entries(removals).find(([kind]) => kind === thing.kind)?.[1];
      if (remove === undefined) throw new Error(`things of the kind ${thing.kind} are not removed`);
      return judged(() => remove(thing));
    },
  };
}

const removalsOf = (clients: AwsClients): Readonly<Record<RemovableKind, Remove>> => ({
  ...networkRemovals(clients.ec2),
  ...computeRemovals(clients.ec2, clients.scaling),
  ...storageRemovals(clients.efs, clients.s3, clients.dynamo),
  ...accountRemovals(clients),
});
