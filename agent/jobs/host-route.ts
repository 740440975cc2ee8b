import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { AgentError } from "../errors.js";
import type { HostAnswer } from "./job-hosts.js";
import type { JobHost } from "./ports.js";

/** The path of requests about jobs' processes on a node; role peer. */
export const JOB_HOST_PATH = "/v1/job-processes";

const HostQuestion = Type.Object(
  {
    jobId: Type.String({ pattern: "^[A-Za-z0-9-]{1,64}$" }),
    action: Type.Unsafe<"observe" | "SIGTERM" | "SIGKILL" | "forget">(
      Type.String({ enum: ["observe", "SIGTERM", "SIGKILL", "forget"] }),
    ),
    generation: Type.Integer({ minimum: 1, description: "the asking head's" }),
  },
  { additionalProperties: false },
);
type HostQuestion = Static<typeof HostQuestion>;

export interface JobHostRouteDeps {
  readonly processes: JobHost;
  /** The generation that this node holds itself; null: it is not head. */
  generation(): number | null;
}

/** Adds `POST /v1/job-processes`: the head's requests about a job whose mpiexec was started on this node. */
export function addJobHostRoute(app: FastifyInstance, { processes, generation }: JobHostRouteDeps): void {
  let newest = 0;
  app.post<{ Body: HostQuestion }>(
    JOB_HOST_PATH,
    { schema: { body: HostQuestion } },
    async (request): Promise<HostAnswer> => {
      const { jobId, action } = request.body;
      // An old head must not end what a newer one looks after.
      newest = Math.max(newest, generation() ?? 0);
      if (request.body.generation < newest) throw new AgentError("not-head");
      newest = request.body.generation;
      // Before the action, which may put them away.
      const usage = await processes.usage(jobId);
      if (action === "forget") await processes.forget(jobId);
      else if (action !== "observe") await processes.signal(jobId, action);
      const [state, hostfile] = [await processes.observe(jobId), await processes.hostfile(jobId)];
      return { processes: state, hostfile, usage, exitCode: await processes.exitCode(jobId) };
    },
  );
}
