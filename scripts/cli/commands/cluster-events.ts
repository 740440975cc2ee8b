import { type Command, InvalidArgumentError, Option } from "commander";
import type { EventItem } from "../../../agent/contract/event.js";
import { placeAfter, placeAt } from "../../../agent/contract/events-query.js";
import { findCluster } from "../core/clusters.js";
import { parseSeconds } from "../core/duration.js";
import { EXIT } from "../core/exit.js";
import { renderEvent } from "../render/event.js";
import { type ClusterContext, clusterCommand, countOption, onCluster, type Session } from "./context.js";
import { showList } from "./show-list.js";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 10_000;
const LOOK_EVERY_MS = 1_000;

interface Options {
  /** ISO 8601. */
  readonly since?: string;
  readonly limit: number;
  readonly follow?: boolean;
  readonly detail?: boolean;
}

/** `muster cluster events` */
export function addClusterEvents(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "events", {
    summary: "lists what has happened to a cluster and its nodes in the last 30 days, the newest last",
    example: "muster cluster events --cluster alpha --since 2h",
  })
    .addOption(
      new Option(
        "--since <time>",
        "only what happened since: a time like 2026-11-26T08:00Z, or 30m, 2h",
      ).argParser((text) => sinceOf(text, session.world.now())),
    )
    .addOption(countOption("--limit <count>", "the newest so many", MAX_LIMIT).default(DEFAULT_LIMIT))
    .option("--detail", "also show an event's detail, like the console of a node that did not boot")
    .option("-f, --follow", "go on with what happens from now on; with --json a document a line");
  onCluster<Options>(command, session, async (context, { since, limit, follow, detail = false }) => {
    const { access, out, place } = context;
    const cluster = await findCluster(access, place);
    const from = since === undefined ? "" : placeAt(new Date(since));
    const events = access.clusters.newestEvents(cluster.uuid, from, limit);
    if (follow === true) return followEvents(context, cluster.uuid, events, detail);
    const count = await showList(out, events, {
      key: "events",
      async *lines(its) {
        for await (const event of its) yield renderEvent(event, detail);
      },
    });
    if (count === 0) out.say(`Nothing has happened to cluster ${cluster.name} in that time.`);
    return EXIT.done;
  });
}

/** It ends by --timeout or Ctrl-C, or when the cluster is gone. */
async function followEvents(
  { access, out, world, signal }: ClusterContext,
  clusterUuid: string,
  events: AsyncIterable<EventItem>,
  detail: boolean,
): Promise<number> {
  let place = placeAt(world.now());
  let next: AsyncIterable<EventItem> | readonly EventItem[] = events;
  for (;;) {
    for await (const event of next) {
      await out.print(renderEvent(event, detail));
      await out.document(event);
      place = placeAfter(event);
    }
    signal.throwIfAborted();
    await world.sleep(LOOK_EVERY_MS, signal);
    signal.throwIfAborted();
    const found = await access.clusters.eventsAfter(clusterUuid, place);
    next = found;
    if (found.length > 0) continue;
    if ((await access.clusters.read(clusterUuid)) === null) {
      out.say("The cluster is gone.");
      return EXIT.done;
    }
  }
}

function sinceOf(text: string, now: Date): string {
  const seconds = parseSeconds(text);
  if (seconds !== null) return new Date(now.getTime() - seconds * 1_000).toISOString();
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new InvalidArgumentError("Give a time like 2026-11-26T08:00Z, or how long ago: 30m, 2h.");
}
