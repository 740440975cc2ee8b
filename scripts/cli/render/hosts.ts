import type { NodeAccess } from "../../../agent/contract/node-access.js";
import type { Way } from "../core/ssh.js";
import type { Check } from "../core/verify.js";
import { renderTable } from "./table.js";

/** What `muster cluster hosts` shows. */
interface Hosts {
  readonly uuid: string;
  readonly name: string;
  readonly hostfile: string;
  readonly cores: number;
  readonly nodes: readonly NodeAccess[];
}

/** The facts of the cluster, then its nodes. Pure. */
export function renderHosts({ uuid, name, hostfile, cores, nodes }: Hosts): readonly string[] {
  const facts = [
    ["cluster", name],
    ["uuid", uuid],
    ["hostfile", hostfile],
    ["cores", String(cores)],
  ].map(([label = "", value = ""]) => `${label.padEnd(12)}${value}`);
  const table = renderTable(
    ["NODE", "KIND", "ADDRESS", "PUBLIC", "HOSTNAME", "CORES"],
    nodes.map((node) => [
      node.id,
      node.kind,
      node.address,
      node.publicAddress ?? "-",
      node.hostname,
      String(node.cores),
    ]),
  );
  return table.length === 0 ? facts : [...facts, "", ...table];
}

/** How a node did in `muster cluster verify`. */
export interface VerifiedNode {
  readonly id: string;
  readonly address: string;
  readonly via: Way;
  readonly isOk: boolean;
  readonly checks: readonly {
    readonly name: Check["name"];
    readonly command: string;
    /** Null: it did what it should. */
    readonly problem: string | null;
  }[];
}

/** A row a node, and then what failed, with the command. Pure. */
export function renderVerified(nodes: readonly VerifiedNode[]): readonly string[] {
  const names = nodes[0]?.checks.map(({ name }) => name.toUpperCase()) ?? [];
  const table = renderTable(
    ["NODE", "ADDRESS", "VIA", ...names],
    nodes.map(({ id, address, via, checks }) => [
      ...[id, address, via],
      ...checks.map(({ problem }) => (problem === null ? "ok" : "FAILS")),
    ]),
  );
  const failures = nodes.flatMap(({ id, checks }) =>
    checks.flatMap(({ command, problem }) => (problem === null ? [] : [`${id}: \`${command}\` ${problem}`])),
  );
  return failures.length === 0 ? table : [...table, "", ...failures];
}
