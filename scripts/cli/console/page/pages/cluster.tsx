import type { ClusterDetail } from "../../api.js";
import { useLive } from "../lib/live.js";
import { linkTo } from "../lib/route.js";
import { atTime } from "../lib/words.js";
import { Copy, Facts, Heading, Loading, Problem, Status, When } from "../parts/basics.js";
import { NodeTable } from "../parts/node-table.js";
import { Shutdown } from "../parts/shutdown.js";
import { Actions } from "./cluster-actions.js";
import { Nodes } from "./clusters.js";

const EVERY_MS = 3_000;

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
