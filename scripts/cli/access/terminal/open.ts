import {
  NOTEBOOK_CLUSTER_PATH,
  type NotebookClusterReply,
} from "../../../../agent/contract/notebook-terminal.js";
import { refusal } from "../../core/exit.js";
import type { Access } from "../../core/ports.js";
import { socketJobs } from "./jobs.js";
import { socketLogs } from "./logs.js";
import { openSocket } from "./socket.js";

/** The cluster that this notebook is attached to, through the socket of its agent: no AWS credentials are needed. Makes no call. */
export function openTerminal(socketPath: string, signal: AbortSignal): Access {
  const socket = openSocket(socketPath, signal);
  const readAll = () => socket.json<NotebookClusterReply>(NOTEBOOK_CLUSTER_PATH);
  const later = (what: string) => async () => notHere(what);
  return {
    clusters: {
      async *list() {
        yield* [(await readAll())?.cluster ?? []].flat();
      },
      async named(name) {
        const cluster = (await readAll())?.cluster ?? null;
        return cluster?.name === name ? cluster : null;
      },
      async read(uuid) {
        const cluster = (await readAll())?.cluster ?? null;
        return cluster?.uuid === uuid ? cluster : null;
      },
      nodes: async () => (await readAll())?.nodes ?? [],
      newestEvents: () => notHere("the history of a cluster"),
      eventsAfter: later("the history of a cluster"),
      hosts: later("the addresses of nodes"),
      repair: later("the repair of a cluster"),
    },
    jobs: socketJobs(socket, notHere),
    logs: socketLogs(socket),
    bundles: { has: async () => noFolder(), put: async () => noFolder() },
    account: {
      as: () => notHere("the account"),
      caller: async () => (await readAll())?.submitter ?? null,
      identify: later("the account"),
      findTraces: later("traces of the org"),
      findLeftovers: later("leftovers"),
    },
    secrets: { read: later("tokens"), rotate: later("tokens") },
    gitCredentials: {
      list: later("Git credentials"),
      set: later("Git credentials"),
      delete: later("Git credentials"),
    },
    notebooks: {
      names: later("the org's notebooks"),
      list: () => notHere("the org's notebooks"),
      find: later("the org's notebooks"),
      perform: later("the org's notebooks"),
      setSize: later("the org's notebooks"),
      isLeaving: later("the org's notebooks"),
    },
    images: { list: later("the org's images") },
    usage: { ofMonth: later("usage"), ofJobs: () => notHere("usage") },
    prices: { listPrices: later("prices") },
    preflight: { observe: later("what the account has") },
    cleanup: {
      users: later("the org's shared resources"),
      find: later("the org's shared resources"),
      remove: later("the org's shared resources"),
    },
    parking: () => notHere("the size of a cluster"),
    settled: async () => undefined,
  };
}

function notHere(what: string): never {
  throw refusal(
    `A notebook's terminal has jobs and the state of its cluster; ${what}: not. With AWS credentials of your own, give --org and --region (and --cluster).`,
  );
}

function noFolder(): never {
  throw refusal(
    "From a notebook no folder is sent: its files are on the cluster already. Put the folder on /shared and give --shared FOLDER FILE, or give a FILE alone, whose text becomes part of the job.",
  );
}
