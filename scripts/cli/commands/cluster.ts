import type { Command } from "commander";
import type { Session } from "./context.js";
import { addLazily, type LazyCommand } from "./lazy.js";

/** In the order of the help. */
export const CLUSTER_COMMANDS: readonly LazyCommand[] = [
  {
    name: "list",
    summary: "lists the org's clusters",
    add: async (...to) => (await import("./cluster-list.js")).addClusterList(...to),
  },
  {
    name: "show",
    summary: "shows a cluster and its nodes, as last reported by its head node",
    add: async (...to) => (await import("./cluster-show.js")).addClusterShow(...to),
  },
  {
    name: "events",
    summary: "lists what has happened to a cluster and its nodes in the last 30 days, the newest last",
    add: async (...to) => (await import("./cluster-events.js")).addClusterEvents(...to),
  },
  {
    name: "hosts",
    summary: "lists the addresses of a cluster's nodes, its UUID and its hostfile",
    add: async (...to) => (await import("./cluster-hosts.js")).addClusterHosts(...to),
  },
  {
    name: "ssh",
    summary: "logs in to a node as the user muster, or runs a command there",
    add: async (...to) => (await import("./cluster-ssh.js")).addClusterSsh(...to),
  },
  {
    name: "verify",
    summary: "checks from every node that commands run across the cluster",
    add: async (...to) => (await import("./cluster-verify.js")).addClusterVerify(...to),
  },
  {
    name: "access",
    summary: "adds your address or your public key to a cluster's access in muster.yaml",
    add: async (...to) => (await import("./cluster-access.js")).addClusterAccess(...to),
  },
  {
    name: "activity",
    summary: "shows what keeps a cluster awake, and when it parks",
    add: async (...to) => (await import("./cluster-activity.js")).addClusterActivity(...to),
  },
  {
    name: "keep-alive",
    summary: "keeps a cluster from parking for a while",
    add: async (...to) => (await import("./cluster-keep-alive.js")).addClusterKeepAlive(...to),
  },
  {
    name: "park",
    summary: "gives a cluster's nodes up until there is work again; /shared and all records stay",
    add: async (...to) => (await import("./cluster-park.js")).addClusterPark(...to),
  },
  {
    name: "resume",
    summary: "gives a parked cluster its nodes back, and waits until they are ready",
    add: async (...to) => (await import("./cluster-resume.js")).addClusterResume(...to),
  },
  {
    name: "resize",
    summary: "gives a cluster another number of nodes, and waits until they are ready",
    add: async (...to) => (await import("./cluster-resize.js")).addClusterResize(...to),
  },
  {
    name: "repair",
    summary: "lets failing nodes be replaced again, after the fleet was protected",
    add: async (...to) => (await import("./cluster-repair.js")).addClusterRepair(...to),
  },
];

/** `muster cluster ...` */
export async function addCluster(parent: Command, session: Session): Promise<void> {
  const group = parent
    .command("cluster")
    .summary("shows, parks, resumes, resizes and repairs clusters, and logs in to nodes")
    .description("Shows, parks, resumes, resizes and repairs clusters, and logs in to nodes.")
    .enablePositionalOptions();
  await addLazily(group, session, CLUSTER_COMMANDS);
}
