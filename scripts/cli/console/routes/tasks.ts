import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { failure } from "../../core/exit.js";
import type { TaskOutput, TaskView } from "../api.js";
import type { RouteDeps } from "../deps.js";
import { COUNT } from "./params.js";

const TASK = Type.Object({ id: Type.String({ format: "uuid" }) });
const From = Type.Object({ from: Type.Optional(COUNT) });

/** What the console does, with its output as it comes. */
export function addTaskRoutes(app: FastifyInstance, { tasks }: RouteDeps): void {
  app.get("/api/tasks", async (): Promise<readonly TaskView[]> => tasks.list());
  app.get<{ Params: Static<typeof TASK>; Querystring: Static<typeof From> }>(
    "/api/tasks/:id",
    { schema: { params: TASK, querystring: From } },
    async ({ params: { id }, query: { from = "0" } }): Promise<TaskOutput> => read(id, Number(from)),
  );
  app.post<{ Params: Static<typeof TASK> }>(
    "/api/tasks/:id/stop",
    { schema: { params: TASK } },
    async ({ params: { id } }): Promise<TaskOutput> => {
      tasks.stop(id);
      return read(id, Number.MAX_SAFE_INTEGER);
    },
  );
  function read(id: string, from: number): TaskOutput {
    const found = tasks.read(id, from);
    if (found === null) throw failure("There is no such task any more: the console was started again.");
    return found;
  }
}
