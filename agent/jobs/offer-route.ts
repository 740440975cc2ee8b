import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { jobItemProblem } from "../contract/job-problems.js";
import { OFFER_PATH, type Offered } from "../contract/offer.js";
import type { JobItem } from "../contract/registry.js";
import { AgentError } from "../errors.js";

const OfferRequest = Type.Object({ job: Type.Unknown() }, { additionalProperties: false });

export interface OfferRouteDeps {
  readonly clusterUuid: string;
  /** See JobRunner. */
  startNow(job: JobItem): Promise<Offered>;
}

/**
 * Adds `POST /v1/offers`: the head starts a new job of another node's client, or of a command's, if it has nothing else to do. It answers
 * with `offered`, null where it does not: then who asks submits the job itself. May be asked twice for a job.
 */
export function addOfferRoute(app: FastifyInstance, { clusterUuid, startNow }: OfferRouteDeps): void {
  app.post<{ Body: Static<typeof OfferRequest> }>(
    OFFER_PATH,
    { schema: { body: OfferRequest } },
    async ({ body }): Promise<{ readonly offered: Offered }> => {
      const job = body.job as JobItem;
      const problem = jobItemProblem(job, String(job?.id), clusterUuid);
      if (problem !== null) throw new AgentError("request-invalid", `job: ${problem}`);
      return { offered: await startNow(job) };
    },
  );
}
