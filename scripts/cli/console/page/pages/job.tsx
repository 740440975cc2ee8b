import { useState } from "preact/hooks";
import type { ApiProblem, JobDetail, JobRow } from "../../api.js";
import { post, problemIn } from "../lib/api.js";
import { useConsole } from "../lib/console.js";
import { useLive } from "../lib/live.js";
import { goTo, linkTo } from "../lib/route.js";
import { atTime, shortArn, span } from "../lib/words.js";
import { Copy, Facts, Heading, Loading, Problem, Status, When } from "../parts/basics.js";
import { LogView } from "../parts/log-view.js";

const EVERY_MS = 2_500;
const ENDED = ["FINISHED", "FAILED", "CANCELLED"];

export function JobPage({ uuid, id }: { readonly uuid: string; readonly id: string }) {
  const detail = useLive<JobDetail>(`/api/jobs/${uuid}/${id}`, EVERY_MS);
  const [attempt, setAttempt] = useState<number | null>(null);
  if (detail.data === null)
    return (
      <>
        <Heading title="Job" />
        {detail.problem === null ? (
          <Loading what="the job" />
        ) : (
          <Problem problem={detail.problem} onAgain={detail.refresh} />
        )}
      </>
    );
  const { row, job, attempts, facts, waits } = detail.data;
  const shownAttempt = attempt ?? job.attempt;
  return (
    <>
      <p class="crumbs">
        <a href={linkTo("jobs")}>Jobs</a> <span aria-hidden="true">/</span>{" "}
        <a href={linkTo("clusters", uuid)}>{row.clusterName}</a>
      </p>
      <Heading
        title={row.name ?? row.command}
        lead={
          <>
            <Status of={job.status} /> {job.phase}
            {job.exitCode === null ? "" : `, exit code ${job.exitCode}`}
          </>
        }
      >
        <Actions row={row} isEnded={ENDED.includes(job.status)} refresh={detail.refresh} />
      </Heading>
      {detail.problem === null ? null : <Problem problem={detail.problem} onAgain={detail.refresh} />}
      {waits === null ? null : <p class="note info">{waits}</p>}
      {job.reason === null ? null : (
        <div class={`note ${job.status === "FAILED" ? "bad" : "info"}`}>
          <strong>{job.reasonCode}</strong>
          <p class="lines">{job.reason}</p>
        </div>
      )}
      <div class="columns">
        <section aria-labelledby="details">
          <h2 id="details">Details</h2>
          <Facts
            facts={[
              ["Id", <Copy key="id" text={job.id} label="the job's id" />],
              ["Submitted", <When key="at" at={job.submittedAt} />],
              [
                "By",
                job.submittedBy === null ? null : (
                  <span key="by" title={job.submittedBy}>
                    {shortArn(job.submittedBy)}
                  </span>
                ),
              ],
              ["Started", job.startedAt === null ? null : atTime(job.startedAt)],
              ["Ran for", span(job.startedAt, job.endedAt)],
              ["Ranks", job.ranks === null ? null : String(job.ranks)],
              ["Source's version", job.sourceVersion],
            ]}
          />
        </section>
        <section aria-labelledby="request">
          <h2 id="request">What it runs</h2>
          <Facts facts={facts.map(([name, value]) => [name, <code key={name}>{value}</code>])} />
        </section>
      </div>
      {attempts.length < 2 ? null : (
        <section aria-labelledby="attempts">
          <h2 id="attempts">Attempts</h2>
          <table class="list">
            <caption class="unseen">Attempts</caption>
            <thead>
              <tr>
                <th scope="col">Attempt</th>
                <th scope="col">Status</th>
                <th scope="col">Ran for</th>
                <th scope="col">Exit code</th>
                <th scope="col">Reason</th>
                <th scope="col">
                  <span class="unseen">Log</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {attempts.map((one) => (
                <tr key={one.number}>
                  <th scope="row">{one.number}</th>
                  <td data-label="Status">
                    <Status of={one.status} />
                  </td>
                  <td data-label="Ran for">{span(one.startedAt, one.endedAt) || "–"}</td>
                  <td data-label="Exit code">{one.exitCode ?? "–"}</td>
                  <td data-label="Reason">{one.reason ?? "–"}</td>
                  <td>
                    <button
                      type="button"
                      class="button small"
                      aria-pressed={one.number === shownAttempt}
                      onClick={() => setAttempt(one.number)}
                    >
                      Log<span class="unseen"> of attempt {one.number}</span>
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <LogView
        key={shownAttempt}
        path={`/api/jobs/${uuid}/${id}/log`}
        attempt={shownAttempt}
        lastLines={job.lastLines}
      />
    </>
  );
}

function Actions({
  row,
  isEnded,
  refresh,
}: {
  readonly row: JobRow;
  readonly isEnded: boolean;
  readonly refresh: () => void;
}) {
  const { place, say } = useConsole();
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  // One key for each time that the page is opened: pressing twice runs it once.
  const [key] = useState(() => crypto.randomUUID());
  if (place.isReadOnly) return null;
  const act = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(problemIn(error));
    }
    setBusy(false);
  };
  const base = `/api/jobs/${row.clusterUuid}/${row.id}`;
  const cancel = () =>
    act(async () => {
      const { status } = await post<{ status: string }>(`${base}/cancel`);
      say(status === "CANCELLED" ? "The job is CANCELLED." : "The head node stops the job.");
      refresh();
    });
  const again = () =>
    act(async () => {
      const job = await post<JobRow>(`${base}/again`, { key });
      goTo("jobs", job.clusterUuid, job.id);
    });
  return (
    <>
      {isEnded ? null : (
        <button type="button" class="button danger" disabled={isBusy} onClick={() => void cancel()}>
          Cancel the job
        </button>
      )}
      <button type="button" class="button" disabled={isBusy} onClick={() => void again()}>
        Run again
      </button>
      {problem === null ? null : <Problem problem={problem} />}
    </>
  );
}
