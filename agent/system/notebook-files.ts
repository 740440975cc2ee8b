import type { ReadinessProbe } from "../probes/readiness.js";
import { requireMount, WRITE_AND_READ } from "./checks.js";
import type { Errands } from "./errands.js";

/** A line of a hostfile. */
interface Host {
  readonly address: string;
  readonly cores: number;
}

/** What a notebook's node does in the home and on /shared: all of it as the job user. */
export interface NotebookFiles {
  /** Makes the home ready for JupyterLab. Rejects where it, or /shared, is not mounted. May run twice. */
  prepareHome(): Promise<void>;
  /** The cluster's nodes by its hostfile; none where there is no hostfile. */
  readHosts(): Promise<readonly Host[]>;
  /** `home` and `hostfile`. */
  readonly probes: readonly ReadinessProbe[];
}

const TIMEOUT_MS = 10_000;
/** $1 the home, $2 /shared. What a person has put in the link's place stays. */
const LINK_SHARED = `[ -e "$1/shared" ] || [ -L "$1/shared" ] || ln -s -- "$2" "$1/shared"`;
/** $1 the hostfile. */
const READ_HOSTFILE = `[ ! -e "$1" ] || head -c 262144 -- "$1"`;
const LINE = /^(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,4})$/;

/** The hosts in a hostfile's text. Any job may write there: what is no line of a hostfile is left out. Pure. */
export const parseHosts = (text: string): readonly Host[] =>
  text.split("\n").flatMap((line) => {
    const [, address, cores] = LINE.exec(line.trim()) ?? [];
    return address === undefined ? [] : [{ address, cores: Number(cores) }];
  });

export function createNotebookFiles(
  errands: Pick<Errands, "run">,
  { home, shared, hostfile }: { readonly home: string; readonly shared: string; readonly hostfile: string },
): NotebookFiles {
  async function readHosts(): Promise<readonly Host[]> {
    const script = READ_HOSTFILE;
    const text = await errands.run({ script, parameters: [hostfile], timeoutMs: TIMEOUT_MS });
    return parseHosts(text.toString("utf8"));
  }

  async function checkHome(): Promise<void> {
    requireMount(home);
    await errands.run({ script: WRITE_AND_READ, parameters: [home], timeoutMs: 4_000 });
  }

  async function checkHostfile(): Promise<void> {
    if ((await readHosts()).length === 0) throw new Error(`${hostfile} has no host, or is not there`);
  }

  return {
    async prepareHome() {
      requireMount(shared);
      requireMount(home);
      await errands.run({ script: LINK_SHARED, parameters: [home, shared], timeoutMs: TIMEOUT_MS });
    },
    readHosts,
    probes: [
      { name: "home", timeoutMs: 5_000, intervalMs: 10_000, check: checkHome },
      { name: "hostfile", timeoutMs: 11_000, intervalMs: 10_000, check: checkHostfile },
    ],
  };
}
