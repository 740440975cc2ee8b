import type { ClusterView, OnboardingStep } from "../../api.js";
import { useConsole } from "../lib/console.js";
import { useLive } from "../lib/live.js";
import { linkTo } from "../lib/route.js";
import { shutdownOf } from "../lib/shutdown-words.js";
import { counted } from "../lib/words.js";
import { Heading, Icon, Loading, Problem, Prose, Status } from "../parts/basics.js";

const EVERY_MS = 10_000;
const PAGE_OF: Readonly<Record<OnboardingStep["id"], string>> = {
  credentials: "settings",
  project: "settings",
  org: "settings",
  image: "images",
  cluster: "clusters",
  job: "jobs",
  notebook: "notebooks",
};

/** The onboarding list, checked off by what is really there, and the clusters at a glance. */
export function HomePage() {
  const { place } = useConsole();
  const steps = useLive<readonly OnboardingStep[]>("/api/onboarding", EVERY_MS);
  const clusters = useLive<readonly ClusterView[]>("/api/clusters", EVERY_MS);
  const done = steps.data?.filter(({ isDone }) => isDone === true).length ?? 0;
  return (
    <>
      <Heading
        title={`Org ${place.org}`}
        lead="MPI clusters for Python in your own AWS account. This page works with your own credentials, on this machine alone."
      />
      {clusters.data === null || clusters.data.length === 0 ? null : <Glance clusters={clusters.data} />}
      <section aria-labelledby="steps">
        <h2 id="steps">
          Getting started
          {steps.data === null ? null : (
            <span class="faint">
              {" "}
              {done} of {steps.data.length}
            </span>
          )}
        </h2>
        {steps.problem === null ? null : <Problem problem={steps.problem} onAgain={steps.refresh} />}
        {steps.data === null && steps.problem === null ? <Loading what="what is there" /> : null}
        <ol class="steps">
          {steps.data?.map(({ id, title, isDone, detail }) => (
            <li key={id} class={isDone === true ? "done" : isDone === null ? "unknown" : "open"}>
              <span class="mark">
                {isDone === true ? <Icon name="check" /> : isDone === null ? "?" : ""}
                <span class="unseen">
                  {isDone === true ? "Done:" : isDone === null ? "Not known:" : "To do:"}
                </span>
              </span>
              <div>
                <a href={linkTo(PAGE_OF[id])}>{title}</a>
                <p class="lines">
                  <Prose text={detail} />
                </p>
              </div>
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}

const SHOWN = 6;

function Glance({ clusters }: { readonly clusters: readonly ClusterView[] }) {
  const nodes = clusters.reduce((sum, { readyNodes }) => sum + readyNodes, 0);
  const cores = clusters.reduce((sum, cluster) => sum + cluster.cores, 0);
  const failed = clusters.filter(({ status }) => status === "FAILED").length;
  const first = [...clusters].sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN);
  return (
    <section aria-label="At a glance">
      <dl class="figures">
        <div>
          <dt>Clusters</dt>
          <dd>{clusters.length.toLocaleString()}</dd>
        </div>
        <div>
          <dt>Nodes ready</dt>
          <dd>{nodes.toLocaleString()}</dd>
        </div>
        <div>
          <dt>Cores</dt>
          <dd>{cores.toLocaleString()}</dd>
        </div>
        <div class={failed > 0 ? "is-bad" : ""}>
          <dt>Failed</dt>
          <dd>{failed}</dd>
        </div>
      </dl>
      <ul class="cards">
        {first.map((cluster) => (
          <li key={cluster.uuid}>
            <a href={linkTo("clusters", cluster.uuid)}>
              <span>
                <strong>{cluster.name}</strong>
                <Status of={cluster.status} />
              </span>
              <small>{describe(cluster)}</small>
            </a>
          </li>
        ))}
      </ul>
      {clusters.length > SHOWN ? <a href={linkTo("clusters")}>All {clusters.length} clusters</a> : null}
    </section>
  );
}

function describe(cluster: ClusterView): string {
  const { desiredNodes, hostfileNodes, cores } = cluster;
  const left = shutdownOf(cluster);
  if (desiredNodes === 0) return left === "" ? "no nodes" : left;
  const nodes = `${hostfileNodes} of ${counted(desiredNodes, "node")}, ${counted(cores, "core")}`;
  return left === "" ? nodes : `${nodes} · ${left}`;
}

/** What needs a person comes first. */
const ORDER = ["FAILED", "INPROGRESS", "FINISHED", "NEW", "REMOVING", "PARKED"];
const rank = ({ status }: ClusterView): number => ORDER.indexOf(status);
