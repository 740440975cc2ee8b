import { beginPark, continuePark } from "../../../agent/contract/park.js";
import { because, CANCELLED_ON_REQUEST } from "../../../agent/contract/reasons.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { failure, refusal } from "../core/exit.js";
import { type Output, showWait } from "../core/output.js";
import type { Access } from "../core/ports.js";
import type { World } from "../core/world.js";

/** What parking needs. */
export interface ParkContext {
  readonly access: Pick<Access, "parking" | "jobs" | "account">;
  readonly out: Pick<Output, "say" | "waits">;
  readonly world: Pick<World, "now" | "sleep">;
  readonly signal: AbortSignal;
}

const NAMED_JOBS = 5;
const LOOK_EVERY_MS = 1_000;
const ROUNDS = 10;

/** Parks a cluster that has no job, by the same steps as its head does. Throws, and changes nothing, where it has one. */
export async function parkCluster(
  { uuid, name }: ClusterItem,
  { access, out, world }: ParkContext,
): Promise<ClusterItem> {
  const control = access.parking(uuid);
  const now = () => world.now();
  const caller = await access.account.caller();
  for (let round = 0; round < ROUNDS; round++) {
    const cluster = await control.readCluster();
    if (cluster === null) throw failure(`Cluster ${name} (${uuid}) is gone.`);
    if (cluster.clusterStatus !== "PARKED") {
      refuseWhereItCannot(cluster);
      refuseWithJobs(name, await control.unendedJobs());
      const why = because("parked-on-request", `parked by ${caller ?? "muster cluster park"}`);
      if (!(await beginPark(control, cluster, why, now))) continue;
    } else if (cluster.phase !== "parking") {
      out.say(`cluster ${name} has no nodes already (${cluster.phase})`);
      return cluster;
    }
    const outcome = await continuePark(control, now);
    if (outcome.is === "parked") return (await control.readCluster()) ?? cluster;
    throw refusal(
      outcome.is === "stopped"
        ? `Cluster ${name} keeps its nodes: job ${outcome.jobId} came meanwhile.`
        : `Cluster ${name} was ${outcome.is} meanwhile.`,
    );
  }
  throw failure(`Cluster ${name} changes all the time; try again.`);
}

/** An apply waits for its own resize; a resume may be given up. */
function refuseWhereItCannot({ name, clusterStatus, phase, fleet, resume }: ClusterItem): void {
  if (fleet === undefined)
    throw refusal(
      `Cluster ${name} has no fleet (${clusterStatus}, ${phase}), so it has no nodes to give up.`,
    );
  const mayPark =
    clusterStatus === "FINISHED" ||
    clusterStatus === "FAILED" ||
    (clusterStatus === "INPROGRESS" && resume !== undefined);
  if (!mayPark)
    throw refusal(
      `Cluster ${name} is ${clusterStatus} (${phase}): wait until its apply has ended, then park it.`,
    );
}

function refuseWithJobs(name: string, jobs: readonly string[]): void {
  if (jobs.length === 0) return;
  const more = jobs.length > NAMED_JOBS ? ` and ${jobs.length - NAMED_JOBS} more` : "";
  throw refusal(
    `Cluster ${name} has jobs that run or wait: ${jobs.slice(0, NAMED_JOBS).join(", ")}${more}. Wait for their end (muster job wait ID), or add --cancel-jobs.`,
  );
}

/** Cancels all jobs of the cluster that have not ended, and waits until they have. */
export async function endJobs(
  { uuid, name }: ClusterItem,
  { access, out, world, signal }: ParkContext,
): Promise<void> {
  const control = access.parking(uuid);
  const asked = new Set<string>();
  const show = showWait(out);
  for (;;) {
    signal.throwIfAborted();
    const jobs = await control.unendedJobs();
    if (jobs.length === 0) return;
    for (const id of jobs.filter((job) => !asked.has(job))) {
      if (!(await access.jobs.cancelQueued(uuid, id, CANCELLED_ON_REQUEST, world.now())))
        await access.jobs.requestCancel(uuid, id);
      asked.add(id);
    }
    show(
      `cluster ${name}: waits for the end of ${jobs.length} cancelled ${jobs.length === 1 ? "job" : "jobs"}`,
    );
    await world.sleep(LOOK_EVERY_MS, signal);
  }
}
