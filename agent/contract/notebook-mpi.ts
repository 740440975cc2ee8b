import { type Static, Type } from "@sinclair/typebox";
import { Nullable, Time } from "./item-fields.js";

/*
 * What an MPI kernel and the agent of its notebook's node say to each other, at NOTEBOOK_SOCKET. The kernel starts the ranks itself, with
 * mpiexec and through the agents' launcher; the agent says whether it may, and for how long it may hold the cluster.
 */

/** POST: a kernel asks for the cluster. 409 with a reason where it can't have it: no nodes, a job of somebody else's, another MPI kernel. */
export const MPI_KERNELS_PATH = "/v1/notebook/mpi-kernels";
/** POST: a sign of life, every MPI_BEAT_SECONDS. DELETE: the kernel has let the cluster go. */
export const MPI_KERNEL_PATH = "/v1/notebook/mpi-kernels/:id";
export const MPI_BEAT_SECONDS = 5;
/** A kernel without a sign of life for so long holds the cluster no more. */
export const MPI_SILENT_SECONDS = 30;

export const MpiKernelRequest = Type.Object(
  { id: Type.String({ pattern: "^[0-9a-z-]{8,64}$", description: "the kernel's id, a UUID" }) },
  { additionalProperties: false },
);
export type MpiKernelRequest = Static<typeof MpiKernelRequest>;

/** What a kernel needs to start its ranks. */
export const MpiKernelPlace = Type.Object({
  cluster: Type.String({ description: "the cluster's name, for people" }),
  clusterUuid: Type.String(),
  hostfile: Type.String({ description: "its path" }),
  ranks: Type.Integer({ description: "all cores of the hostfile" }),
  nodes: Type.Array(Type.Object({ address: Type.String(), cores: Type.Integer() })),
  address: Type.String({ description: "this node's own, which ranks connect to" }),
  idleMinutes: Type.Integer({ description: "it lets the cluster go after so long without a cell" }),
});
export type MpiKernelPlace = Static<typeof MpiKernelPlace>;

export const MpiKernelBeat = Type.Object(
  { working: Type.Boolean({ description: "whether a cell runs" }) },
  { additionalProperties: false },
);
export type MpiKernelBeat = Static<typeof MpiKernelBeat>;

/** The answer to a beat. */
export const MpiKernelTerm = Type.Object({
  /** Null while a cell runs. */
  releaseAt: Nullable(Time),
  /** Whether it has to end its ranks now, and why, for people. */
  release: Nullable(Type.String()),
});
export type MpiKernelTerm = Static<typeof MpiKernelTerm>;
