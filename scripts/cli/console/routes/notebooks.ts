import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { refusal } from "../../core/exit.js";
import { describeNotebook, findNotebook, whyNotebook } from "../../core/notebooks.js";
import { awaitNotebook } from "../../notebooks/await-ready.js";
import { startNotebook } from "../../notebooks/start.js";
import { stopNotebook } from "../../notebooks/stop.js";
import type { NotebookEntrance, NotebookView } from "../api.js";
import type { RouteDeps } from "../deps.js";
import { createOpenNotebooks } from "../open-notebooks.js";
import { listClusters } from "./clusters.js";
import { NAME_PARAMS } from "./params.js";

const StopBody = Type.Object({ endKernels: Type.Boolean() }, { additionalProperties: false });
type Params = Static<typeof NAME_PARAMS>;

/** The org's notebooks, by name; shared by all who ask within moments. */
export const listNotebooks = ({ reads, access }: Pick<RouteDeps, "reads" | "access">) =>
  reads.read("notebooks", () => Array.fromAsync(access.notebooks.list()));

export function addNotebookRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { access, reads, tasks, world, place } = deps;
  const open = createOpenNotebooks(deps);
  const schema = { params: NAME_PARAMS };
  const find = (name: string) => findNotebook(access, place, name);

  app.get("/api/notebooks", async (): Promise<readonly NotebookView[]> => {
    const [notebooks, clusters] = await Promise.all([listNotebooks(deps), listClusters(deps)]);
    const names = new Map(clusters.map(({ uuid, name }) => [uuid, name]));
    return notebooks.map((notebook) => ({
      ...{ name: notebook.name, clusterUuid: notebook.clusterUuid },
      clusterName: names.get(notebook.clusterUuid) ?? null,
      ...{ status: notebook.status, phase: notebook.phase, describes: describeNotebook(notebook) },
      ...{ why: whyNotebook(notebook), instanceType: notebook.instanceType },
      kernels: notebook.activity?.kernels ?? null,
      busyKernels: notebook.activity?.busyKernels ?? null,
      parksAt: notebook.activity?.parksAt ?? null,
      isOpen: open.entrance(notebook.name) !== null,
    }));
  });

  app.post<{ Params: Params }>("/api/notebooks/:name/open", { schema }, async ({ params: { name } }) => {
    const found = await find(name);
    return tasks.start({
      title: `Open notebook ${name}`,
      run: async ({ say, signal }) => {
        const { is } = await startNotebook(access.notebooks, found, world.now);
        reads.forget();
        if (is !== "awake") say(`notebook ${name} gets a node`);
        const notebook = await awaitNotebook(name, { access, world, out: { say }, signal });
        await open.open(notebook, say, signal);
        reads.forget();
        return `Notebook ${name} is open.`;
      },
    });
  });
  app.post<{ Params: Params }>(
    "/api/notebooks/:name/enter",
    { schema },
    async ({ params: { name } }): Promise<NotebookEntrance> => {
      const entrance = open.entrance(name);
      if (entrance === null) throw refusal(`Notebook ${name} is not open here any more: open it again.`);
      return entrance();
    },
  );
  app.post<{ Params: Params }>("/api/notebooks/:name/start", { schema }, async ({ params: { name } }) => {
    const found = await find(name);
    return tasks.start({
      title: `Start notebook ${name}`,
      run: async ({ say, signal }) => {
        const { is } = await startNotebook(access.notebooks, found, world.now);
        reads.forget();
        if (is !== "awake") say(`notebook ${name} gets a node`);
        await awaitNotebook(name, { access, world, out: { say }, signal });
        return `Notebook ${name} is ready.`;
      },
    });
  });
  app.post<{ Params: Params; Body: Static<typeof StopBody> }>(
    "/api/notebooks/:name/stop",
    { schema: { ...schema, body: StopBody } },
    async ({ params: { name }, body: { endKernels } }) => {
      const { notebook } = await stopNotebook(access.notebooks, await find(name), {
        endsKernels: endKernels,
        now: world.now,
      });
      reads.forget();
      return { status: notebook.status };
    },
  );
  app.addHook("onClose", () => open.close());
}
