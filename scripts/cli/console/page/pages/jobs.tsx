import { useEffect, useState } from "preact/hooks";
import type { ClusterView, DefinitionView, JobPage, JobRow } from "../../api.js";
import { post, problemIn, withQuery } from "../lib/api.js";
import { useConsole } from "../lib/console.js";
import { useLive } from "../lib/live.js";
import { goTo, linkTo } from "../lib/route.js";
import { counted, shortArn, span } from "../lib/words.js";
import { Empty, Heading, Loading, Pages, Problem, Status, When } from "../parts/basics.js";
import { SelectField, TextField } from "../parts/fields.js";
import { JobForm } from "./job-form.js";

const EVERY_MS = 4_000;
const TYPING_MS = 300;
const STATUSES = ["NEW", "INPROGRESS", "FINISHED", "FAILED", "CANCELLED"] as const;

export function JobsPage({ cluster }: { readonly cluster: string | null }) {
  const { place } = useConsole();
  const clusters = useLive<readonly ClusterView[]>("/api/clusters", null);
  const [status, setStatus] = useState("");
  const [text, setText] = useState("");
  const [word, setWord] = useState("");
  const [page, setPage] = useState(0);
  const [isCreating, setCreating] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setWord(text), TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  const path = withQuery("/api/jobs", { cluster, status, text: word, page: page === 0 ? null : page });
  const jobs = useLive<JobPage>(path, EVERY_MS);
  const [last, setLast] = useState<JobPage | null>(null);
  useEffect(() => {
    if (jobs.data !== null) setLast(jobs.data);
  }, [jobs.data]);
  const shown = jobs.data ?? (jobs.problem === null ? last : null);
  const all = Object.values(shown?.counts ?? {}).reduce((sum, count) => sum + count, 0);
  return (
    <>
      <Heading title="Jobs" lead={shown === null ? undefined : counted(all, "job")}>
        {place.isReadOnly ? null : (
          <button type="button" class="button primary" onClick={() => setCreating(true)}>
            Create job
          </button>
        )}
      </Heading>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <SelectField
          label="Cluster"
          value={cluster ?? ""}
          options={[["", "All"], ...(clusters.data ?? []).map(({ uuid, name }) => [uuid, name] as const)]}
          onValue={(uuid) => (uuid === "" ? goTo("jobs") : goTo("jobs", uuid))}
        />
        <SelectField
          label="Status"
          value={status}
          options={[["", "All"], ...STATUSES.map((of) => [of, countOf(of, shown)] as const)]}
          onValue={(value) => {
            setStatus(value);
            setPage(0);
          }}
        />
        <TextField
          label="Id, name or command"
          type="search"
          value={text}
          onValue={(value) => {
            setText(value);
            setPage(0);
          }}
        />
      </form>
      {jobs.problem === null ? null : <Problem problem={jobs.problem} onAgain={jobs.refresh} />}
      {shown === null && jobs.problem === null ? <Loading what="the jobs" /> : null}
      {shown !== null && all === 0 ? (
        <Empty title="No job yet">
          <p>
            A job is one submission of a Python program to a cluster: it runs on every core, and keeps its
            log.
          </p>
        </Empty>
      ) : null}
      {shown !== null && all > 0 && shown.total === 0 ? <p class="faint">No job is like that.</p> : null}
      {shown === null || shown.total === 0 ? null : (
        <>
          <JobTable jobs={shown.jobs} hasCluster={cluster === null} />
          <Pages page={shown.page} pageSize={shown.pageSize} total={shown.total} onPage={setPage} />
        </>
      )}
      {cluster === null ? null : <Definitions cluster={cluster} />}
      {isCreating ? (
        <JobForm clusters={clusters.data ?? []} cluster={cluster} onClose={() => setCreating(false)} />
      ) : null}
    </>
  );
}

const countOf = (status: string, page: JobPage | null): string =>
  page === null ? status : `${status} (${(page.counts[status] ?? 0).toLocaleString()})`;

function JobTable({ jobs, hasCluster }: { readonly jobs: readonly JobRow[]; readonly hasCluster: boolean }) {
  return (
    <table class="list">
      <caption class="unseen">Jobs, the newest first</caption>
      <thead>
        <tr>
          <th scope="col">Job</th>
          <th scope="col">Status</th>
          {hasCluster ? <th scope="col">Cluster</th> : null}
          <th scope="col">Submitted</th>
          <th scope="col">By</th>
          <th scope="col">Ran for</th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <tr key={job.id}>
            <th scope="row">
              <a href={linkTo("jobs", job.clusterUuid, job.id)}>{job.name ?? job.id}</a>
              <small class="cut faint">{job.command}</small>
            </th>
            <td data-label="Status">
              <Status of={job.status} /> <small class="faint">{job.reasonCode ?? job.phase}</small>
            </td>
            {hasCluster ? <td data-label="Cluster">{job.clusterName}</td> : null}
            <td data-label="Submitted">
              <When at={job.submittedAt} />
            </td>
            <td data-label="By" title={job.submittedBy ?? ""}>
              {job.submittedBy === null ? "–" : shortArn(job.submittedBy)}
            </td>
            <td data-label="Ran for">{span(job.startedAt, job.endedAt) || "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What the cluster can be asked to run, by name. */
function Definitions({ cluster }: { readonly cluster: string }) {
  const { place, say } = useConsole();
  const definitions = useLive<readonly DefinitionView[]>(`/api/definitions/${cluster}`, 30_000);
  if (definitions.data === null || definitions.data.length === 0) return null;
  const run = async (definition: string): Promise<void> => {
    try {
      const job = await post<JobRow>(`/api/jobs/${cluster}`, { key: crypto.randomUUID(), definition });
      goTo("jobs", cluster, job.id);
    } catch (error) {
      say(problemIn(error).message);
    }
  };
  return (
    <section aria-labelledby="definitions">
      <h2 id="definitions">Job definitions</h2>
      <table class="list">
        <caption class="unseen">Job definitions</caption>
        <thead>
          <tr>
            <th scope="col">Definition</th>
            <th scope="col">Schedule</th>
            <th scope="col">Next</th>
            <th scope="col">Last job</th>
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {definitions.data.map((definition) => (
            <tr key={definition.name}>
              <th scope="row">
                {definition.name}
                <small class="cut faint">{definition.command}</small>
              </th>
              <td data-label="Schedule">{definition.schedule ?? definition.run}</td>
              <td data-label="Next">
                <When at={definition.nextSlot} />
              </td>
              <td data-label="Last job">
                {definition.lastJob === null ? (
                  "–"
                ) : (
                  <a href={linkTo("jobs", cluster, definition.lastJob.id)}>{definition.lastJob.status}</a>
                )}
              </td>
              <td>
                {place.isReadOnly ? null : (
                  <button type="button" class="button small" onClick={() => void run(definition.name)}>
                    Run<span class="unseen"> {definition.name}</span>
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
