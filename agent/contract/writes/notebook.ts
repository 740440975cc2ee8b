import { notebookNameKey, notebookSk, PARTITION_KEY, partitionKeyed } from "../keys.js";
import type { NotebookItem, NotebookNameItem } from "../notebook.js";
import { nextNotebookStatus, notebookStatusesTaking } from "../notebook-state.js";
import { type Because, NO_REASON, type NotebookReasonCode } from "../reasons.js";
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
  Partial<Pick<NotebookItem, "status" | "statusChangedAt" | "activity">> & { readonly instanceId: string };

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
      why: "A notebook gets a node, or another one: what the node of before says counts no more. Not one that is being removed. `retiring` is that node, null where there is none or it stays.",
    },
    (place: Place, retiring: string | null, at: Date): Update =>
      update(
        keyOf(place),
        {
          set: {
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
        oneOf("status", notebookStatusesTaking("start")),
      ),
  ),
  observe: legal(
    {
      by: ["node"],
      why: "The notebook's agent says how it is; not where another status has been set since it was read, nor when another node was asked for.",
    },
    (place: Place, seen: Pick<NotebookItem, "status">, observation: NotebookObservation): Update =>
      update(
        keyOf(place),
        { set: observation },
        all(equal("status", seen.status), not(equal("retiring", observation.instanceId))),
      ),
  ),
  park: legal(
    {
      by: ["node", "submitter"],
      why: "A notebook without activity, or one that a person stops, gives its node back; what was seen of it is what it is parked by, so a start that came in between wins.",
    },
    (seen: Pick<NotebookItem, "clusterUuid" | "name" | "status" | "statusChangedAt">, at: Date): Update =>
      update(
        keyOf(seen),
        {
          set: {
            status: nextNotebookStatus(seen.status, "park"),
            phase: "parked",
            ...NO_REASON,
            statusChangedAt: at.toISOString(),
            failingProbes: [],
            address: null,
            publicAddress: null,
          },
        },
        all(equal("status", seen.status), equal("statusChangedAt", seen.statusChangedAt)),
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
      why: "Terraform destroys the notebook: nothing starts it any more. Only its owner's.",
    },
    (notebook: Owned, at: Date): Update =>
      update(
        keyOf(notebook),
        {
          set: {
            status: nextNotebookStatus("NEW", "remove"),
            phase: "removing",
            statusChangedAt: at.toISOString(),
          },
        },
        isOwners(notebook),
      ),
  ),
  delete: legal(
    {
      by: ["provider"],
      why: "The notebook's node is gone, or the notebook has gone to another cluster: its item goes while it is its owner's.",
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
