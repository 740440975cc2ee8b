import { join } from "node:path";
import { type Service, startService } from "../../system/service.js";
import type { CloudPlaces } from "../hosts/cloud.js";
import { cgroupPath, inCgroup, killCgroup, makeCgroup } from "../hosts/system/cgroup.js";

/** What lan/main.ts prints once both addresses answer. */
export const LAN_READY_LINE = "the LAN's services listen";
const READY_TIMEOUT_SECONDS = 30;

export interface LanOptions {
  readonly cloud: CloudPlaces;
  /** The project's root. */
  readonly projectFolder: string;
  /** The unix socket of the gateway. */
  readonly gatewaySocket: string;
  /** The unix socket of the proxy (see proxy.ts). */
  readonly proxySocket: string;
  readonly region: string;
  /** Its output is appended there. */
  readonly logFile: string;
}

/** The running process of the LAN's services. `stop` may be called twice. */
export type RunningLan = Pick<Service<true>, "ended" | "stop">;

/**
 * Starts metadata service and AWS endpoint inside the LAN's network namespace (which must exist: Hosts.prepare),
 * in the cloud's cgroup. Resolves when they listen. It ends with this process.
 */
export function startLan(options: LanOptions): Promise<RunningLan> {
  const cgroup = cgroupPath(options.cloud.cgroup, "lan");
  makeCgroup(cgroup);
  const main = join(options.projectFolder, "scripts/local/lan/main.ts");
  const service = [process.execPath, "--import", "tsx", main];
  const { region, gatewaySocket, proxySocket, cloud } = options;
  const sockets = ["--gateway-socket", gatewaySocket, "--proxy-socket", proxySocket];
  const flags = [...sockets, "--region", region, "--notices", cloud.notices];
  // nsenter, not `ip netns exec`: that one hides the machine's cgroups.
  const enter = ["nsenter", `--net=/run/netns/${options.cloud.netns}`, "--", ...service, ...flags];
  return startService(inCgroup(cgroup, enter), {
    name: "The LAN's services",
    cwd: options.projectFolder,
    stdin: "pipe",
    logFile: options.logFile,
    readReady: (line) => (line === LAN_READY_LINE ? true : null),
    timeoutSeconds: READY_TIMEOUT_SECONDS,
    end: () => killCgroup(cgroup),
  });
}
