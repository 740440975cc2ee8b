import { notebookNameKey, notebookSk, PARTITION_KEY, partitionKeyed } from "../keys.js";
import type { NotebookInterval, NotebookItem, NotebookNameItem } from "../notebook.js";
import { nextNotebookStatus, notebookStatusesTaking } from "../notebook-state.js";
import type { UsingNotebook } from "../notebook-usage.js";
import { type Because, NO_REASON, type NotebookReasonCode } from "../reasons.js";
import { isAsSeen, isInStatus, usageEnding } from "./notebook-usage.js";
import {
  absent,
  all,
  type Delete,
  equal,
  type Key,
  legal,
  not,
  oneOf,
  type Put,
  type Update,
  update,
} from "./write.js";

type Place = Pick<NotebookItem, "clusterUuid" | "name">;
type Owned = Place & Pick<NotebookItem, "org" | "owner">;
/** What the agent of a notebook's node says of it. */
export type NotebookObservation = Pick<
  NotebookItem,
  "phase" | "reasonCode" | "reason" | "failingProbes" | "instanceType" | "address" | "publicAddress"
> &
  Required<Pick<NotebookItem, "observedAt">> &
  Partial<Pick<NotebookItem, "status" | "statusChangedAt" | "activity" | "usageToRecord">> & {
    readonly instanceId: string;
  };

const keyOf = ({ clusterUuid, name }: Place): Key => partitionKeyed(clusterUuid, notebookSk(name));
const isOwners = ({ owner }: Pick<NotebookItem, "owner">) => equal("owner", owner);
const nameItem = ({ clusterUuid, owner, attachedAt }: NotebookItem): NotebookNameItem => ({
  ...{ clusterUuid, owner, since: attachedAt },
});

/** The legal writes of `NOTEBOOK#<name>`, in its cluster's partition and in the org's. */
export const notebookWrites = {
  create: legal(
    {
      by: ["provider"],
      why: "A notebook begins at a cluster, or goes to another, where none has its name; in one transaction with its name, and when it goes with the end of the item that it leaves.",
    },
    (notebook: NotebookItem): Put => ({
      write: "put",
      key: keyOf(notebook),
      item: notebook,
      condition: absent(PARTITION_KEY),
    }),
  ),
  name: legal(
    {
      by: ["provider"],
      why: "The name is the notebook's in the whole org. One that goes to another cluster keeps it: `from` is the cluster that it leaves.",
    },
    (notebook: NotebookItem, from: string | null): Put => ({
      write: "put",
      key: notebookNameKey(notebook.org, notebook.name),
      item: nameItem(notebook),
      condition: from === null ? absent(PARTITION_KEY) : all(isOwners(notebook), equal("clusterUuid", from)),
    }),
  ),
  take: legal(
    {
      by: ["provider"],
      why: "An imported notebook becomes that resource's: only as it was read.",
    },
    (seen: Owned, owner: string): Update => update(keyOf(seen), { set: { owner } }, isOwners(seen)),
  ),
  takeName: legal(
    { by: ["provider"], why: "With take, in one transaction: the name has the same owner." },
    (seen: Owned, owner: string): Update =>
      update(notebookNameKey(seen.org, seen.name), { set: { owner } }, isOwners(seen)),
  ),
  start: legal(
    {
      by: ["provider", "submitter"],
      why: "A notebook gets a node, or another one: what the node of before says counts no more, and what it was used for is kept. Not one that is being removed, nor that has become ready since it was read. `retiring` is that node, null where there is none or it stays.",
    },
    (seen: UsingNotebook, retiring: string | null, at: Date): Update =>
      update(
        keyOf(seen),
        {
          set: {
            ...usageEnding(seen, at),
            status: nextNotebookStatus("NEW", "start"),
            phase: "waiting-for-node",
            ...NO_REASON,
            statusChangedAt: at.toISOString(),
            retiring,
            failingProbes: [],
            instanceId: null,
            address: null,
            publicAddress: null,
          },
          remove: ["activity"],
        },
        all(oneOf("status", notebookStatusesTaking("start")), isAsSeen(seen)),
      ),
  ),
  observe: legal(
    {
      by: ["node"],
      why: "The notebook's agent says how it is; not where another status has been set since it was read, nor when another node was asked for. One of another type than the node before ends that one's usage: only as it was read.",
    },
    (
      place: Place,
      seen: Pick<NotebookItem, "status" | "statusChangedAt">,
      observation: NotebookObservation,
    ): Update =>
      update(
        keyOf(place),
        { set: observation },
        all(
          observation.usageToRecord === undefined ? equal("status", seen.status) : isInStatus(seen),
          not(equal("retiring", observation.instanceId)),
        ),
      ),
  ),
  park: legal(
    {
      by: ["node", "submitter"],
      why: "A notebook without activity, or one that a person stops, gives its node back; what was seen of it is what it is parked by, so a start that came in between wins.",
    },
    (seen: UsingNotebook, at: Date): Update =>
      update(
        keyOf(seen),
        {
          set: {
            ...usageEnding(seen, at),
            status: nextNotebookStatus(seen.status, "park"),
            phase: "parked",
            ...NO_REASON,
            statusChangedAt: at.toISOString(),
            failingProbes: [],
            address: null,
            publicAddress: null,
          },
        },
        isInStatus(seen),
      ),
  ),
  fail: legal(
    {
      by: ["provider", "submitter"],
      why: "A notebook was not ready in time; where it has become so by now, it stays so.",
    },
    (place: Place, why: Because<NotebookReasonCode>, at: Date): Update =>
      update(
        keyOf(place),
        {
          set: {
            status: nextNotebookStatus("INPROGRESS", "fail"),
            ...why,
            statusChangedAt: at.toISOString(),
          },
        },
        equal("status", "INPROGRESS"),
      ),
  ),
  remove: legal(
    {
      by: ["provider"],
      why: "Terraform destroys the notebook: nothing starts it any more. Only its owner's, and only as it was read, so that what its node was used for is kept.",
    },
    (notebook: Owned & UsingNotebook, at: Date): Update =>
      update(
        keyOf(notebook),
        {
          set: {
            ...usageEnding(notebook, at),
            status: nextNotebookStatus("NEW", "remove"),
            phase: "removing",
            statusChangedAt: at.toISOString(),
          },
        },
        all(isOwners(notebook), isAsSeen(notebook)),
      ),
  ),
  noteRecorded: legal(
    {
      by: ["node", "provider"],
      why: "What the notebook's node was used for has its records, but for what is `left`. Not where the notebook has left its status since it was read: then there may be more.",
    },
    (
      seen: Place & Pick<NotebookItem, "status" | "statusChangedAt">,
      left: readonly NotebookInterval[],
    ): Update => update(keyOf(seen), { set: { usageToRecord: left } }, isInStatus(seen)),
  ),
  leave: legal(
    {
      by: ["provider"],
      why: "The notebook goes to another cluster, in one transaction with the item there, which has what its node was used for: only as it was read.",
    },
    (seen: Owned & UsingNotebook): Delete => ({
      write: "delete",
      key: keyOf(seen),
      condition: all(isOwners(seen), isAsSeen(seen)),
    }),
  ),
  delete: legal(
    {
      by: ["provider"],
      why: "The notebook's node is gone, and what it was used for has its records: its item goes while it is its owner's.",
    },
    (notebook: Owned): Delete => ({
      write: "delete",
      key: keyOf(notebook),
      condition: isOwners(notebook),
    }),
  ),
  freeName: legal(
    { by: ["provider"], why: "A notebook that is gone gives its name back." },
    (notebook: Owned): Delete => ({
      write: "delete",
      key: notebookNameKey(notebook.org, notebook.name),
      condition: all(isOwners(notebook), equal("clusterUuid", notebook.clusterUuid)),
    }),
  ),
} as const;

/** Puts `to` in the place of `from`, which is at another cluster: all in one transaction. */
export const moveWrites = (from: NotebookItem, to: NotebookItem): readonly (Put | Delete)[] => [
  notebookWrites.leave(from),
  notebookWrites.create(to),
  notebookWrites.name(to, from.clusterUuid),
];
