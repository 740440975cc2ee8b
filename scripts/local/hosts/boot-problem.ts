/** A node that does not boot, as the daemon found it. */
export interface BootProblem {
  readonly instanceId: string;
  /** The cause, as the end of "i-1 can't boot: ...". */
  readonly problem: string;
}

const LOOP_RESTARTS = 3;
const LOOP_SECONDS = 60;
const STARTUP_FINISHED = /systemd\[1\]: Startup finished in /;
const AGENT_LISTENS = /muster-agent\[\d+\]: .*Server listening at http/;
const AGENT_RESTARTS = /^\[\s*(\d+\.\d+)\] systemd\[1\]: muster-agent\.service: Scheduled restart job/;
/** The agent's last message: a line of its log with level "fatal". */
const AGENT_FATAL = /muster-agent\[\d+\]: \{.*"level":60,.*"msg":("(?:[^"\\]|\\.)*")/;
const USER_DATA_FAILED = /systemd\[1\]: ec2-user-data\.service: Failed with result/;
const USER_DATA_SAYS = /ec2-user-data\[\d+\]: (.*)/;
/** systemd can't work: it has hit a limit of the machine, or froze after its own failure. */
const SYSTEMD_FAILS =
  /systemd\[1\]: (Failed to (?:create inotify object|allocate manager object).*)|(Freezing execution)/;

/** A console's lines without control sequences: a node may write anything. */
export const consoleLines = (console: string): string[] => console.split(/\r?\n/).map(visible);

const visible = (text: string): string => text.replace(/\p{Cc}/gu, "?");

/**
 * Why a node does not boot, or null: it has booted, or may still boot. `isOff`: its init has ended although its instance runs.
 * Reads the node's console output since its start. Pure.
 */
export function findBootProblem(console: string, isOff: boolean): string | null {
  const lines = consoleLines(console);
  if (isOff) {
    return lines.some((line) => STARTUP_FINISHED.test(line)) ? null : "its init ended before it had booted";
  }
  return systemdProblem(lines) ?? userDataProblem(lines) ?? agentProblem(lines);
}

function systemdProblem(lines: readonly string[]): string | null {
  const match = SYSTEMD_FAILS.exec(lines.find((line) => SYSTEMD_FAILS.test(line)) ?? "");
  return match === null ? null : `systemd says: ${match[1] ?? match[2]}`;
}

/** A later boot may have succeeded: the last message counts. */
function userDataProblem(lines: readonly string[]): string | null {
  const failed = lines.findLastIndex((line) => USER_DATA_FAILED.test(line));
  if (failed < 0) return null;
  const said = lines.slice(0, failed).findLast((line) => USER_DATA_SAYS.test(line));
  return `its user data failed: ${USER_DATA_SAYS.exec(said ?? "")?.[1] ?? "no message"}`;
}

/** Quick restarts in a row, after none of which the agent listened. */
function agentProblem(lines: readonly string[]): string | null {
  const listened = lines.findLastIndex((line) => AGENT_LISTENS.test(line));
  const restartedAt = lines.slice(listened + 1).flatMap((line) => {
    const seconds = AGENT_RESTARTS.exec(line)?.[1];
    return seconds === undefined ? [] : [Number(seconds)];
  });
  const latest = restartedAt.slice(-LOOP_RESTARTS);
  const [from = 0, to = 0] = [latest[0], latest.at(-1)];
  if (latest.length < LOOP_RESTARTS || to - from > LOOP_SECONDS) return null;
  const fatal = AGENT_FATAL.exec(lines.findLast((line) => AGENT_FATAL.test(line)) ?? "")?.[1];
  const said = fatal === undefined ? "no reason given" : visible(JSON.parse(fatal) as string);
  return `its agent keeps failing and restarting: ${said}`;
}
