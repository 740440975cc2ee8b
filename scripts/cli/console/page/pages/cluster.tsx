import { useState } from "preact/hooks";
import type { ApiProblem, Change, ClusterDetail, ClusterView, NodeView, TaskView } from "../../api.js";
import { post, problemIn } from "../lib/api.js";
import { mayDeclare, useConsole } from "../lib/console.js";
import { useLive } from "../lib/live.js";
import { linkTo } from "../lib/route.js";
import { atTime, counted } from "../lib/words.js";
import { Copy, Facts, Heading, Loading, Pages, Problem, Status, When } from "../parts/basics.js";
import { ChangeDialog } from "../parts/change-dialog.js";
import { Dialog } from "../parts/dialog.js";
import { CheckField, TextField } from "../parts/fields.js";
import { Shutdown } from "../parts/shutdown.js";
import { Nodes } from "./clusters.js";

const EVERY_MS = 3_000;
const NODES_PAGE = 50;

export function ClusterPage({ uuid }: { readonly uuid: string }) {
  const detail = useLive<ClusterDetail>(`/api/clusters/${uuid}`, EVERY_MS);
  if (detail.data === null)
    return (
      <>
        <Heading title="Cluster" />
        {detail.problem === null ? (
          <Loading what="the cluster" />
        ) : (
          <Problem problem={detail.problem} onAgain={detail.refresh} />
        )}
      </>
    );
  const { cluster, nodes, hostfile, events, warnings } = detail.data;
  const mpiexec = `mpiexec -n ${cluster.cores} -f ${hostfile} hostname`;
  return (
    <>
      <p class="crumbs">
        <a href={linkTo("clusters")}>Clusters</a>
      </p>
      <Heading
        title={cluster.name}
        lead={
          <>
            <Status of={cluster.status} /> {cluster.phase}, since <When at={cluster.statusChangedAt} />
          </>
        }
      >
        <Actions cluster={cluster} refresh={detail.refresh} />
      </Heading>
      {detail.problem === null ? null : <Problem problem={detail.problem} onAgain={detail.refresh} />}
      {cluster.reason === null ? null : (
        <div class={`note ${cluster.status === "FAILED" ? "bad" : "info"}`}>
          <strong>{cluster.reasonCode}</strong>
          <p class="lines">{cluster.reason}</p>
        </div>
      )}
      {warnings.map((warning) => (
        <p key={warning} class="note warn">
          {warning}
        </p>
      ))}
      <div class="columns">
        <section aria-labelledby="details">
          <h2 id="details">Details</h2>
          <Facts
            facts={[
              ["UUID", <Copy key="uuid" text={cluster.uuid} label="the UUID" />],
              ["Nodes", <Nodes key="nodes" cluster={cluster} />],
              ["Cores", String(cluster.cores)],
              ["Job", cluster.busy ? "one runs now" : "none runs"],
              ["Notebooks", cluster.notebooks.join(", ")],
              ["Hostfile", <Copy key="hostfile" text={hostfile} label="the hostfile's path" />],
              ["Head node", cluster.headInstanceId],
              ["Created", atTime(cluster.createdAt)],
              ["Last seen", <When key="seen" at={cluster.observedAt} />],
            ]}
          />
          {cluster.cores === 0 ? null : (
            <>
              <h3>Verify the connection, on any node</h3>
              <Copy text={mpiexec} label="the command" />
            </>
          )}
          <p>
            <a href={linkTo("jobs", cluster.uuid)}>Jobs of this cluster</a>
          </p>
        </section>
        <Shutdown cluster={cluster} refresh={detail.refresh} />
      </div>
      <NodeTable nodes={nodes} />
      <section aria-labelledby="events">
        <h2 id="events">History</h2>
        {events.length === 0 ? <p class="faint">Nothing has happened yet.</p> : null}
        <ol class="events">
          {events.map(({ at, code, text }) => (
            <li key={`${at}${code}${text}`}>
              <When at={at} /> <code>{code}</code> <span>{text}</span>
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}

type Asked = "park" | "resize" | "remove" | null;

function Actions({ cluster, refresh }: { readonly cluster: ClusterView; readonly refresh: () => void }) {
  const { place, showTask } = useConsole();
  const [asked, setAsked] = useState<Asked>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  if (place.isReadOnly) return null;
  const isParked = cluster.status === "PARKED";
  const isClosed = cluster.status === "REMOVING";
  const start = async (what: string, body: unknown = {}): Promise<void> => {
    setAsked(null);
    setProblem(null);
    try {
      showTask((await post<TaskView>(`/api/clusters/${cluster.uuid}/${what}`, body)).id);
      refresh();
    } catch (error) {
      setProblem(problemIn(error));
    }
  };
  const remove: Change = { kind: "remove-cluster", name: cluster.name };
  return (
    <>
      {isParked ? (
        <button type="button" class="button primary" onClick={() => void start("resume")}>
          Resume
        </button>
      ) : (
        <button type="button" class="button" disabled={isClosed} onClick={() => setAsked("park")}>
          Park
        </button>
      )}
      <button type="button" class="button" disabled={isClosed || isParked} onClick={() => setAsked("resize")}>
        Resize
      </button>
      {mayDeclare(place) ? (
        <button
          type="button"
          class="button danger"
          disabled={cluster.isDeclared !== true}
          title={cluster.isDeclared === true ? undefined : "muster.yaml here does not declare it"}
          onClick={() => setAsked("remove")}
        >
          Remove
        </button>
      ) : null}
      {problem === null ? null : <Problem problem={problem} />}
      {asked === "park" ? (
        <ParkDialog
          name={cluster.name}
          onClose={() => setAsked(null)}
          onPark={(body) => void start("park", body)}
        />
      ) : null}
      {asked === "resize" ? (
        <ResizeDialog
          cluster={cluster}
          onClose={() => setAsked(null)}
          onResize={(body) => void start("resize", body)}
        />
      ) : null}
      {asked === "remove" ? (
        <ChangeDialog
          title={`Remove cluster ${cluster.name}`}
          change={remove}
          isRemoval
          onClose={() => setAsked(null)}
        />
      ) : null}
    </>
  );
}

function ParkDialog({
  name,
  onClose,
  onPark,
}: {
  readonly name: string;
  readonly onClose: () => void;
  readonly onPark: (body: { readonly cancelJobs: boolean }) => void;
}) {
  const [cancelJobs, setCancelJobs] = useState(false);
  return (
    <Dialog title={`Park cluster ${name}`} onClose={onClose}>
      <p>
        Its nodes are given up until there is work again. /shared and all records stay, and Terraform's plan
        stays empty.
      </p>
      <CheckField label="Cancel the jobs that run or wait" isOn={cancelJobs} onValue={setCancelJobs} />
      <footer>
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="button primary" onClick={() => onPark({ cancelJobs })}>
          Park
        </button>
      </footer>
    </Dialog>
  );
}

function ResizeDialog({
  cluster,
  onClose,
  onResize,
}: {
  readonly cluster: ClusterView;
  readonly onClose: () => void;
  readonly onResize: (body: { readonly nodes: number; readonly afterJob: boolean }) => void;
}) {
  const { place } = useConsole();
  const [nodes, setNodes] = useState(String(cluster.desiredNodes));
  const [afterJob, setAfterJob] = useState(false);
  const [change, setChange] = useState<Change | null>(null);
  if (change !== null)
    return <ChangeDialog title={`Resize cluster ${cluster.name}`} change={change} onClose={onClose} />;
  return (
    <Dialog title={`Resize cluster ${cluster.name}`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          onResize({ nodes: Number(nodes), afterJob });
        }}
      >
        <TextField
          label="Number of nodes"
          type="number"
          required
          min={1}
          max={1000}
          value={nodes}
          onValue={setNodes}
        />
        <CheckField
          label="Wait until no job runs, instead of refusing"
          isOn={afterJob}
          onValue={setAfterJob}
        />
        <p class="hint">
          At once: the next deploy makes it again what muster.yaml declares. To keep it, change what is
          declared.
        </p>
        <footer>
          {mayDeclare(place) && cluster.isDeclared === true ? (
            <button
              type="button"
              class="button"
              onClick={() =>
                setChange({ kind: "set-cluster", name: cluster.name, values: { nodes: Number(nodes) } })
              }
            >
              Declare and deploy
            </button>
          ) : null}
          <button type="submit" class="button primary">
            Resize at once
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

function NodeTable({ nodes }: { readonly nodes: readonly NodeView[] }) {
  const [page, setPage] = useState(0);
  return (
    <section aria-labelledby="nodes">
      <h2 id="nodes">
        Nodes <span class="faint">{counted(nodes.length, "node")}</span>
      </h2>
      {nodes.length === 0 ? <p class="faint">No node has reported yet.</p> : null}
      {nodes.length === 0 ? null : (
        <table class="list">
          <caption class="unseen">Nodes</caption>
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">State</th>
              <th scope="col">Private address</th>
              <th scope="col">Public address</th>
              <th scope="col">Kind</th>
              <th scope="col">Cores</th>
              <th scope="col">Failing probes</th>
            </tr>
          </thead>
          <tbody>
            {nodes.slice(page * NODES_PAGE, (page + 1) * NODES_PAGE).map((node) => (
              <tr key={node.id}>
                <th scope="row">
                  <code>{node.id}</code>
                </th>
                <td data-label="State">
                  <Status of={node.state} />
                </td>
                <td data-label="Private address">
                  <code>{node.address}</code>
                </td>
                <td data-label="Public address">{node.publicAddress ?? "–"}</td>
                <td data-label="Kind">{node.kind}</td>
                <td data-label="Cores" class="number">
                  {node.cores}
                </td>
                <td data-label="Failing probes">{node.failingProbes.join(", ") || "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Pages page={page} pageSize={NODES_PAGE} total={nodes.length} onPage={setPage} />
    </section>
  );
}
