import type {
  ActivitySource,
  ClusterActivity,
  NodeActivity,
  SourceActivity,
  SourceState,
} from "../contract/activity.js";
import type { NodeKind } from "../contract/node-kind.js";

/** What the runner of jobs knows. */
export interface JobsSeen {
  /** The id of the job that this head has, from its claim to its end; null: none. */
  readonly running: string | null;
  /** How many jobs the last look at the queue found. */
  readonly waiting: number;
  /** How long ago that look was; null: there was none in this term. */
  readonly lookedMsAgo: number | null;
  /** When a job was last there; null: not since this agent's start. */
  readonly lastAt: Date | null;
}

/** A node that the head knows, with what it reported. */
export interface NodeSeen {
  readonly id: string;
  readonly kind: NodeKind;
  /** Whether its heartbeats come. */
  readonly isHeard: boolean;
  /** By its own clock; missing where its agent does not say it. */
  readonly bootedAt?: string;
  /** Its latest report; null: it has made none. */
  readonly report: readonly NodeActivity[] | null;
  readonly reportedMsAgo: number;
}

/** Everything that sources are made of. */
export interface SourcesSeen {
  readonly jobs: JobsSeen;
  /** The next slot of the cluster's schedules; null: there is none. */
  readonly nextSlot: Date | null | "unknown";
  /** Null: it is too early in the term to know the nodes. */
  readonly nodes: readonly NodeSeen[] | null;
  readonly keepAliveUntil: string | undefined;
  readonly countSshSessions: boolean;
  /** How soon a slot has to be due, in milliseconds. */
  readonly horizonMs: number;
  /** As they were last seen, by whichever head. */
  readonly before: ClusterActivity | undefined;
  readonly now: Date;
}

/** A look that is older says nothing: the loop that makes it may be blocked. */
const FRESH_MS = 30_000;

interface Sighting {
  readonly state: SourceState;
  /** Null: not known to have been active. */
  readonly lastAt: Date | null;
  readonly detail: string | null;
}

/** Each source as it is now. Its latest moment is never earlier than it was `before`. Pure. */
export function observeSources(seen: SourcesSeen): readonly SourceActivity[] {
  const sightings: Readonly<Record<ActivitySource, Sighting>> = {
    job: jobSighting(seen),
    queue: queueSighting(seen),
    schedule: scheduleSighting(seen),
    notebook: nodeSighting("notebook", seen),
    ssh: seen.countSshSessions ? nodeSighting("ssh", seen) : idle("sessions are not counted"),
    "keep-alive": keepAliveSighting(seen),
  };
  return Object.entries(sightings).map(([name, { state, lastAt, detail }]) => {
    const source = name as ActivitySource;
    const before = seen.before?.sources.find((one) => one.source === source)?.lastAt ?? null;
    const at = state === "active" ? seen.now.toISOString() : (lastAt?.toISOString() ?? null);
    return { source, state, lastAt: [at, before].reduce(later), detail };
  });
}

const later = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && a < b) ? b : a;
const idle = (detail: string | null = null, lastAt: Date | null = null): Sighting => ({
  ...{ state: "idle", lastAt, detail },
});
const active = (detail: string, lastAt: Date | null = null): Sighting => ({
  state: "active",
  lastAt,
  detail,
});
const unknown = (detail: string, lastAt: Date | null = null): Sighting => ({
  ...{ state: "unknown", lastAt, detail },
});

const isStale = ({ lookedMsAgo }: JobsSeen): boolean => lookedMsAgo === null || lookedMsAgo > FRESH_MS;
const NOT_LOOKED = "the queue was not read lately";

/** A job that runs needs no sign of life: one that is silent, or whose head is blocked, runs. */
function jobSighting({ jobs }: SourcesSeen): Sighting {
  if (jobs.running !== null) return active(`job ${jobs.running}`);
  return isStale(jobs) ? unknown(NOT_LOOKED, jobs.lastAt) : idle(null, jobs.lastAt);
}

function queueSighting({ jobs }: SourcesSeen): Sighting {
  if (jobs.waiting > 0) return active(jobs.waiting === 1 ? "1 job waits" : `${jobs.waiting} jobs wait`);
  // While a job runs nothing looks at the queue, and nothing depends on it.
  return isStale(jobs) && jobs.running === null ? unknown(NOT_LOOKED) : idle();
}

function scheduleSighting({ nextSlot, horizonMs, now }: SourcesSeen): Sighting {
  if (nextSlot === "unknown") return unknown("the schedules are not read yet");
  if (nextSlot === null) return idle();
  const detail = `the next slot is ${nextSlot.toISOString()}`;
  return nextSlot.getTime() - now.getTime() <= horizonMs ? active(detail) : idle(detail);
}

function keepAliveSighting({ keepAliveUntil, now }: SourcesSeen): Sighting {
  if (keepAliveUntil === undefined) return idle();
  const until = Date.parse(keepAliveUntil);
  if (Number.isNaN(until)) return idle(`its end can't be read: ${keepAliveUntil.slice(0, 40)}`);
  return until > now.getTime() ? active(`until ${keepAliveUntil}`) : idle(null, new Date(until));
}

/** Which sources a node of the kind has to report. */
const REPORTED: Readonly<Record<"ssh" | "notebook", readonly NodeKind[]>> = {
  ssh: ["worker", "notebook"],
  notebook: ["notebook"],
};

/** The sum over the nodes. One that does not say is unknown, however quiet the others are. */
function nodeSighting(source: "ssh" | "notebook", { nodes, now }: SourcesSeen): Sighting {
  if (nodes === null) return unknown("the nodes are not known yet");
  const reporting = nodes.filter(
    ({ kind, report }) => REPORTED[source].includes(kind) || hasSource(report, source),
  );
  const counted = reporting.map((node) => ({ node, count: countOn(node, source) }));
  const all = counted.reduce((sum, { count }) => sum + (count ?? 0), 0);
  const lastAt = lastOn(reporting, source, now);
  if (all > 0) {
    const where = counted.flatMap(({ node, count }) => (count ? [node.id] : []));
    return active(
      `${all} on ${where.slice(0, 3).join(", ")}${where.length > 3 ? " and others" : ""}`,
      lastAt,
    );
  }
  const silent = counted.find(({ count }) => count === null);
  return silent === undefined ? idle(null, lastAt) : unknown(`${silent.node.id} does not say`, lastAt);
}

const hasSource = (report: NodeSeen["report"], source: string): boolean =>
  report?.some((one) => one.source === source) ?? false;

function countOn({ isHeard, report, reportedMsAgo }: NodeSeen, source: string): number | null {
  if (!isHeard || reportedMsAgo > FRESH_MS) return null;
  return report?.find((one) => one.source === source)?.count ?? null;
}

function lastOn(nodes: readonly NodeSeen[], source: string, now: Date): Date | null {
  const moments = nodes.flatMap(({ report, reportedMsAgo }) => {
    const seconds = report?.find((one) => one.source === source)?.idleSeconds ?? null;
    return seconds === null ? [] : [now.getTime() - reportedMsAgo - seconds * 1_000];
  });
  return moments.length === 0 ? null : new Date(Math.max(...moments));
}
