import type { NotebookItem } from "../../../agent/contract/notebook.js";
import { type CommandError, failure } from "../core/exit.js";
import type { NotebookUpstream } from "../core/forwarding.js";
import { describeNotebook, whyNotebook } from "../core/notebooks.js";
import { type Output, sayOnce } from "../core/output.js";
import type { Access } from "../core/ports.js";
import {
  ASK_MS,
  type Connection,
  type ConnectionDeps,
  connectNotebook,
  credentialsOf,
} from "./connection.js";

export interface KeepOpenDeps extends ConnectionDeps {
  readonly access: Pick<Access, "secrets" | "notebooks">;
  readonly out: Pick<Output, "say">;
}

/** A connection that is made anew when it drops. */
export interface OpenNotebook {
  /** Null: there is none at the moment. */
  upstream(): NotebookUpstream | null;
  /** A request did not get through, so the connection is looked at, unless that is done already. */
  doubt(why: string): void;
  /** Resolves when `signal` has aborted. Throws where the notebook is parked, FAILED or gone: there is nothing to connect to. */
  run(): Promise<void>;
}

/** A rotated secret is sent half an hour after its rotation at the earliest: see cluster-secret.ts. */
const SECRET_EVERY_MS = 5 * 60_000;
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [1_000, 15_000];

/** Keeps the way open to a notebook that was connected to. */
export function keepOpen(
  { name, ...place }: NotebookItem,
  first: Connection,
  deps: KeepOpenDeps,
): OpenNotebook {
  const { access, out, world, signal } = deps;
  let { clusterUuid } = place;
  let connection: Connection = first;
  let upstream: NotebookUpstream | null = first.upstream;
  let doubted = new AbortController();

  /** Where nothing has changed the upstream stays the same object: its open connections belong to it. */
  async function renewSecret(of: NotebookUpstream): Promise<NotebookUpstream> {
    const secret = await access.secrets.read(clusterUuid).catch((error: CommandError) => {
      if (!signal.aborted) out.say(`can't see whether the cluster's secret was rotated: ${error.message}`);
      return null;
    });
    if (secret === null) return of;
    const { authorities, token } = credentialsOf(secret, clusterUuid, world.now());
    const isSame = token === of.token && authorities.length === of.authorities.length;
    upstream = isSame ? of : { ...of, authorities, token };
    return upstream;
  }

  /** Why the connection is of no use any more; null: it is good. */
  async function problemOf(of: NotebookUpstream): Promise<string | null> {
    if (connection.ended.aborted) return "its session has ended";
    if (!doubted.signal.aborted) {
      await renewSecret(of);
      return null;
    }
    const answer = await world.forwarding.ask(of, ASK_MS);
    if (answer.is === "good") return null;
    if (answer.is !== "status") return answer.why;
    const again = await world.forwarding.ask(await renewSecret(of), ASK_MS);
    return again.is === "good" ? null : `HTTP ${answer.status}`;
  }

  async function reconnect(): Promise<void> {
    const show = sayOnce(out);
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const notebook = await access.notebooks.find(name).catch((error: CommandError) => error);
      if (!(notebook instanceof Error)) refuseWithoutNode(name, notebook);
      const made = notebook instanceof Error ? notebook : await connectIfReady(notebook);
      if (!(made instanceof Error)) {
        ({ connection, clusterUuid } = made);
        upstream = connection.upstream;
        return out.say(`notebook ${name} is connected again`);
      }
      if (!signal.aborted) show(`notebook ${name} is not reached yet: ${made.message}`);
      await world.sleep(pauseMs, signal);
    }
  }

  const connectIfReady = async (notebook: NotebookItem) =>
    notebook.status === "FINISHED" && notebook.phase === "ready"
      ? connectNotebook(notebook, deps).then(
          (made) => ({ connection: made, clusterUuid: notebook.clusterUuid }),
          (error: CommandError) => error,
        )
      : failure(describeNotebook(notebook));

  async function look(of: NotebookUpstream): Promise<void> {
    const problem = await problemOf(of);
    doubted = new AbortController();
    if (problem === null || signal.aborted) return;
    upstream = null;
    await connection.close();
    out.say(`the connection to notebook ${name} has dropped (${problem}), and is made again`);
    await reconnect();
  }

  return {
    upstream: () => upstream,
    doubt: (why) => void (upstream === null ? undefined : doubted.abort(why)),
    async run() {
      try {
        while (!signal.aborted && upstream !== null) {
          const due = AbortSignal.any([signal, doubted.signal, connection.ended]);
          await world.sleep(SECRET_EVERY_MS, due);
          if (!signal.aborted) await look(upstream);
        }
      } finally {
        await connection.close();
      }
    },
  };
}

/** Throws where waiting would be of no use. */
function refuseWithoutNode(name: string, notebook: NotebookItem | null): asserts notebook is NotebookItem {
  if (notebook === null) throw failure(`Notebook ${name} is gone: Terraform has destroyed it.`);
  if (notebook.status === "INPROGRESS" || notebook.status === "FINISHED") return;
  throw failure(
    `Notebook ${name} is ${notebook.status}: ${whyNotebook(notebook) ?? "it has no node any more."} Open it again with \`muster notebook open ${name}\`.`,
  );
}
