import type { JourneyPlace } from "../../../scripts/journey/place.js";
import { runInNode } from "../journey.js";

/** What root sees on a node, beside what a job may change. */
export interface NodeState {
  /** The agent's pid, and how often systemd has started it anew. */
  readonly agent: string;
  /** What of the root file system has changed since `mark`, or is the job user's, but for the job user's own places. */
  readonly changed: readonly string[];
  /** Muster's files in /run, with owner, mode and, where it has one, the text's hash; but for the folder of the head's jobs. */
  readonly run: readonly string[];
  /** Files on the agents' folder that are not root's. */
  readonly strangeRecords: readonly string[];
}

/** What a job has left that is to go with it. */
export interface Leftovers {
  /** Processes of the job user and of mpiexec's, but for the agent's errands: cgroup and command. */
  readonly processes: readonly string[];
  readonly cgroups: readonly string[];
  readonly sockets: readonly string[];
}

type Node = { readonly id: string };

const MARK = "/run/before";
const JOB_PLACES = "-path /home/muster -o -path /var/tmp -o -path /tmp -o -path /shared";
/** Where systemd and the agent keep what changes all the time. */
const LIVELY = "-path /var/log -o -path /var/lib/systemd -o -path /var/cache -o -path /var/lib/muster";

const STATE = `
echo "agent $(systemctl show --property=MainPID --value muster-agent) $(systemctl show --property=NRestarts --value muster-agent)"
find / -xdev \\( ${JOB_PLACES} -o ${LIVELY} \\) -prune -o \\( -newercm ${MARK} -o -user muster -o -group muster \\) -printf 'changed %p %u %m\\n'
find /run/muster -maxdepth 1 -printf 'run %p %u:%g %m\\n' | grep -v '^run /run/muster/jobs root:root 711$' | sort
sha256sum </run/muster/address | sed 's/^/run address /'
find /run -xdev -user muster -printf 'changed %p\\n'
find /var/lib/muster/agents -mindepth 1 ! -user root -printf 'strange %p\\n'
`;

const LEFT = `
for folder in /proc/[0-9]*; do
  read -r words <"$folder/stat" 2>/dev/null || continue
  case $(stat -c %u "$folder" 2>/dev/null) in 1500 | 1503) ;; *) continue ;; esac
  group=$(cat "$folder/cgroup" 2>/dev/null | grep ^0::) || continue
  case $group in */errand/*) continue ;; esac
  echo "process $group $words"
done
for group in /sys/fs/cgroup/system.slice/muster-agent.service/job/* /sys/fs/cgroup/system.slice/muster-agent.service/launch/*; do
  [ -d "$group" ] || continue
  # A shell of root's that waits for the next launch.
  waits=
  for pid in $(cat "$group/cgroup.procs"); do
    waits=no
    [ "$(stat -c %u "/proc/$pid")" = 0 ] && grep -qz '^muster-held$' "/proc/$pid/cmdline" || break
    waits=yes
  done 2>/dev/null
  [ "$waits" = yes ] || echo "cgroup $group"
done
ss --no-header --listening --numeric --tcp --udp --extended | grep 'uid:150' | sed 's/^/socket /'
grep '@hostile' /proc/net/unix | sed 's/^/socket /'
true
`;

/** Sets the moment from which `changed` counts. */
export async function mark(place: JourneyPlace, node: Node): Promise<void> {
  await shell(place, node, `touch ${MARK}; sleep 0.1`);
}

export async function observeNode(place: JourneyPlace, node: Node): Promise<NodeState> {
  const lines = await shell(place, node, STATE);
  return {
    agent: linesOf(lines, "agent").join(),
    changed: linesOf(lines, "changed"),
    run: linesOf(lines, "run"),
    strangeRecords: linesOf(lines, "strange"),
  };
}

export async function observeLeftovers(place: JourneyPlace, node: Node): Promise<Leftovers> {
  const lines = await shell(place, node, LEFT);
  return {
    processes: linesOf(lines, "process"),
    cgroups: linesOf(lines, "cgroup"),
    sockets: linesOf(lines, "socket"),
  };
}

/** The lines that a shell script, run as root in the node, prints. Throws when it fails. */
export async function shell(place: JourneyPlace, node: Node, script: string, input = ""): Promise<string[]> {
  const { stdout, stderr, exitCode } = await runInNode(place, node.id, ["/bin/sh", "-c", script], input);
  if (exitCode !== 0) throw new Error(`in node ${node.id}: exit code ${exitCode}: ${stderr}`);
  return stdout.split("\n").filter(Boolean);
}

const linesOf = (lines: readonly string[], kind: string): string[] =>
  lines.flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));
