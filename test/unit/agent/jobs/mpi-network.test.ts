import { expect, test } from "@jest/globals";
import { networkOf } from "../../../../agent/jobs/mpi-network.js";
import { runtimesFor } from "../../../../agent/jobs/runtimes.js";

const settings = (efa: boolean, runtime: "mpich" | "intel" = "intel") => ({
  runtime,
  runtimes: runtimesFor("x64", efa),
});

test.each([
  ["Intel MPI on nodes without EFA", {}, settings(false), 2, "tcp"],
  ["Intel MPI on nodes with EFA", {}, settings(true), 2, "efa"],
  ["one node, which needs no network", {}, settings(true), 1, "shm"],
  ["one node that is told to use one", { environment: { I_MPI_FABRICS: "ofi" } }, settings(true), 1, "efa"],
  ["a job that chooses another", { environment: { FI_PROVIDER: "tcp" } }, settings(true), 2, "tcp"],
  [
    "a job that chooses by Intel's name",
    { environment: { I_MPI_OFI_PROVIDER: "tcp" } },
    settings(true),
    2,
    "tcp",
  ],
  ["a job that leaves it to libfabric", { environment: { FI_PROVIDER: "" } }, settings(true), 2, null],
  ["a job with MPICH, which has UCX", { runtime: "mpich" as const }, settings(true), 2, null],
  ["a cluster with MPICH", {}, settings(false, "mpich"), 2, null],
  ["a job with Intel MPI on it", { runtime: "intel" as const }, settings(false, "mpich"), 2, "tcp"],
  ["a job without MPI", { mpi: false }, settings(true), 1, null],
])("%s", (_name, request, on, nodes, expected) => {
  expect(networkOf(request, on, nodes)).toBe(expected);
});
