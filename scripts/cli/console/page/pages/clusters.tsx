import { useState } from "preact/hooks";
import type { ClusterView } from "../../api.js";
import { mayDeclare, useConsole } from "../lib/console.js";
import { useLive } from "../lib/live.js";
import { goTo, linkTo } from "../lib/route.js";
import { shutdownOf } from "../lib/shutdown-words.js";
import { counted } from "../lib/words.js";
import { Empty, Heading, Loading, Pages, Problem, Status, When } from "../parts/basics.js";
import { SelectField, TextField } from "../parts/fields.js";
import { ClusterForm } from "./cluster-form.js";

const EVERY_MS = 5_000;
const PAGE_SIZE = 50;
const STATUSES = ["NEW", "INPROGRESS", "FINISHED", "FAILED", "PARKED", "REMOVING"] as const;

export function ClustersPage() {
  const { place } = useConsole();
  const clusters = useLive<readonly ClusterView[]>("/api/clusters", EVERY_MS);
  const [isCreating, setCreating] = useState(false);
  const all = clusters.data;
  return (
    <>
      <Heading
        title="Clusters"
        lead={all === null ? undefined : `${counted(all.length, "cluster")} in ${place.region}`}
      >
        {mayDeclare(place) ? (
          <button type="button" class="button primary" onClick={() => setCreating(true)}>
            Create cluster
          </button>
        ) : null}
      </Heading>
      {clusters.problem === null ? null : <Problem problem={clusters.problem} onAgain={clusters.refresh} />}
      {all === null && clusters.problem === null ? <Loading what="the clusters" /> : null}
      {all?.length === 0 ? (
        <Empty title="No cluster yet">
          <p>
            A cluster is identical nodes in one placement group. It parks when it is idle, and costs nothing
            then.
          </p>
          {mayDeclare(place) ? (
            <button type="button" class="button primary" onClick={() => setCreating(true)}>
              Create the first one
            </button>
          ) : (
            <p>
              Declare one in muster.yaml and run <code>npx cdktf deploy</code>; or start the console in the
              project's folder.
            </p>
          )}
        </Empty>
      ) : null}
      {all === null || all.length === 0 ? null : <ClusterTable clusters={all} />}
      {isCreating ? <ClusterForm onClose={() => setCreating(false)} /> : null}
    </>
  );
}

function ClusterTable({ clusters }: { readonly clusters: readonly ClusterView[] }) {
  const [text, setText] = useState("");
  const [status, setStatus] = useState("");
  const [page, setPage] = useState(0);
  const word = text.trim().toLowerCase();
  const wanted = clusters.filter(
    (cluster) =>
      (status === "" || cluster.status === status) &&
      (word === "" || cluster.name.includes(word) || cluster.uuid.startsWith(word)),
  );
  const last = Math.max(0, Math.ceil(wanted.length / PAGE_SIZE) - 1);
  const shown = Math.min(page, last);
  return (
    <>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <TextField label="Name or UUID" type="search" value={text} onValue={setText} />
        <SelectField
          label="Status"
          value={status}
          options={[["", "All"], ...STATUSES.map((of) => [of, of] as const)]}
          onValue={setStatus}
        />
      </form>
      {wanted.length === 0 ? <p class="faint">No cluster is like that.</p> : null}
      <table class="list">
        <caption class="unseen">Clusters</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Status</th>
            <th scope="col">Nodes</th>
            <th scope="col">Cores</th>
            <th scope="col">Auto-shutdown</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {wanted.slice(shown * PAGE_SIZE, (shown + 1) * PAGE_SIZE).map((cluster) => (
            <tr key={cluster.uuid} onClick={(event) => open(event, cluster.uuid)}>
              <th scope="row">
                <a href={linkTo("clusters", cluster.uuid)}>{cluster.name}</a>
                {cluster.isDeclared === false ? (
                  <small class="cut faint" title="muster.yaml here does not declare it">
                    {" "}
                    not declared here
                  </small>
                ) : null}
              </th>
              <td data-label="Status">
                <Status of={cluster.status} /> <small class="faint">{cluster.phase}</small>
              </td>
              <td data-label="Nodes" class="number">
                <Nodes cluster={cluster} />
              </td>
              <td data-label="Cores" class="number">
                {cluster.cores}
              </td>
              <td data-label="Auto-shutdown">{shutdownOf(cluster) || "–"}</td>
              <td data-label="Since">
                <When at={cluster.statusChangedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Pages page={shown} pageSize={PAGE_SIZE} total={wanted.length} onPage={setPage} />
    </>
  );
}

/** A press anywhere in a row opens it; its link is what keyboards use. */
function open(event: MouseEvent, uuid: string): void {
  const isText = (getSelection()?.toString() ?? "") !== "";
  if (!isText && !(event.target as Element).closest("a,button")) goTo("clusters", uuid);
}

/** Ready of wanted, as numbers and as a bar. */
export function Nodes({ cluster: { hostfileNodes, desiredNodes } }: { readonly cluster: ClusterView }) {
  const part = desiredNodes === 0 ? 0 : Math.min(1, hostfileNodes / desiredNodes);
  return (
    <span class="nodes">
      <span class="bar" aria-hidden="true">
        <span style={{ width: `${Math.round(part * 100)}%` }} />
      </span>
      {hostfileNodes}/{desiredNodes}
    </span>
  );
}
