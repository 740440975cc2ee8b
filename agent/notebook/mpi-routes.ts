import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import {
  MPI_KERNEL_PATH,
  MPI_KERNELS_PATH,
  MpiKernelBeat,
  MpiKernelPlace,
  MpiKernelRequest,
  MpiKernelTerm,
} from "../contract/notebook-mpi.js";
import type { MpiKernels } from "./mpi-kernels.js";

const Params = Type.Object({ id: MpiKernelRequest.properties.id });
type Params = Static<typeof Params>;

/** The routes by which MPI kernels get the cluster, keep it, and let it go; behind the notebook's socket alone. */
export function addMpiRoutes(
  app: FastifyInstance,
  kernels: Pick<MpiKernels, "take" | "beat" | "release">,
): void {
  app.post<{ Body: MpiKernelRequest }>(
    MPI_KERNELS_PATH,
    { schema: { body: MpiKernelRequest, response: { 200: MpiKernelPlace } } },
    ({ body }) => kernels.take(body.id),
  );
  app.post<{ Params: Params; Body: MpiKernelBeat }>(
    MPI_KERNEL_PATH,
    { schema: { params: Params, body: MpiKernelBeat, response: { 200: MpiKernelTerm } } },
    async ({ params, body }) => kernels.beat(params.id, body),
  );
  app.delete<{ Params: Params }>(
    MPI_KERNEL_PATH,
    { schema: { params: Params } },
    async ({ params }, reply) => {
      kernels.release(params.id);
      return reply.code(204).send();
    },
  );
}
