import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { NAME_PATTERN } from "../contract/names.js";
import { NotebookConfig } from "../contract/notebook.js";
import { AgentError, reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";

/** The path where a notebook's agent asks a node of its cluster to have the notebook's home mounted; role peer. */
export const HOMES_PATH = "/v1/notebook/homes";

export const HomeRequest = Type.Object(
  {
    name: Type.String({ pattern: NAME_PATTERN }),
    accessPointId: NotebookConfig.properties.homeAccessPointId,
  },
  { additionalProperties: false },
);
export type HomeRequest = Static<typeof HomeRequest>;

/** Homes as this node mounts them. Calls are bounded. */
export interface HomeMounts {
  /** The notebooks whose homes are mounted. */
  mounted(): Promise<readonly string[]>;
  mount(home: HomeRequest): Promise<void>;
  /** At once, whatever has files open there keeps them. */
  unmount(name: string): Promise<void>;
}

export interface HomeLeasesDeps {
  readonly mounts: HomeMounts;
  /** The notebook of this very node, whose home stays; null: it has none. */
  readonly own: string | null;
  /** Whether the registry has a notebook of that name at this cluster. */
  isAttached(name: string): Promise<boolean>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The homes of notebooks on this node, each for as long as its notebook asks for it. */
export interface HomeLeases {
  /** Mounts the home if needed, and keeps it for LEASE_MS. Throws AgentError home-refused. May run twice, and at once. */
  renew(home: HomeRequest): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

const LEASE_MS = 5 * 60_000;
const LOOK_MS = 15_000;
/** Far more than a cluster has notebooks. */
const MOST_HOMES = 16;

export function createHomeLeases({ mounts, own, isAttached, clock, log }: HomeLeasesDeps): HomeLeases {
  /** Until when each is kept, on the monotonic clock. */
  const until = new Map<string, number>();
  const mounting = new Map<string, Promise<void>>();

  async function mount(home: HomeRequest): Promise<void> {
    const mounted = await mounts.mounted();
    if (mounted.includes(home.name)) return;
    if (mounted.length >= MOST_HOMES) throw new Error(`${mounted.length} homes are mounted here already`);
    if (!(await isAttached(home.name)))
      throw new Error(`no notebook ${home.name} is attached to this cluster`);
    await mounts.mount(home);
    log.info({ notebook: home.name }, "a notebook's home is mounted");
  }

  const loop = createLoop({
    async step() {
      const mounted = (await mounts.mounted()).filter((name) => name !== own);
      const nowMs = clock.monotonicMs();
      for (const name of mounted) {
        // An agent that was restarted finds those of before.
        const untilMs = until.get(name) ?? nowMs + LEASE_MS;
        until.set(name, untilMs);
        if (nowMs < untilMs || mounting.has(name)) continue;
        await mounts.unmount(name);
        until.delete(name);
        log.info({ notebook: name }, "a notebook's home is unmounted: its notebook asks for it no more");
      }
      return LOOK_MS;
    },
    retryMs: LOOK_MS,
    onOutage: (error) => log.warn({ reason: reasonOf(error) }, "notebooks' homes can't be looked after"),
    clock,
  });

  return {
    async renew(home) {
      const { name } = home;
      if (name === own) return;
      const work =
        mounting.get(name) ??
        mount(home).finally(() => {
          mounting.delete(name);
        });
      mounting.set(name, work);
      await work.catch((error: unknown) => {
        throw new AgentError("home-refused", reasonOf(error), error);
      });
      until.set(name, clock.monotonicMs() + LEASE_MS);
    },
    start: () => void loop.start(),
    stop: loop.stop,
  };
}

/** Adds `POST /v1/notebook/homes`: see HomeLeases. */
export function addHomesRoute(app: FastifyInstance, { renew }: Pick<HomeLeases, "renew">): void {
  app.post<{ Body: HomeRequest }>(HOMES_PATH, { schema: { body: HomeRequest } }, async ({ body }) => {
    await renew(body);
    return {};
  });
}
