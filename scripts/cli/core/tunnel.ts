import { NOTEBOOK_PORT } from "../../../agent/contract/notebook.js";
import { failure } from "./exit.js";

/** How a notebook's node is reached: at its private address (from inside the network), or through Session Manager. */
export const NOTEBOOK_WAYS = ["private", "ssm"] as const;
export type NotebookWay = (typeof NOTEBOOK_WAYS)[number];

/** The call that forwards a free port of this machine to the notebook's agent, which says what the port is. Pure. */
export function planTunnel(instanceId: string, region: string): readonly [string, ...string[]] {
  if (!/^[A-Za-z0-9-]+$/.test(instanceId) || !/^[a-z0-9-]+$/.test(region))
    throw failure(
      `${instanceId} in ${region} can't be reached through Session Manager: no instance has such an id.`,
    );
  return [
    ...(["aws", "ssm", "start-session", "--target", instanceId, "--region", region] as const),
    ...["--document-name", "AWS-StartPortForwardingSession"],
    ...["--parameters", `portNumber=${NOTEBOOK_PORT},localPortNumber=0`],
  ];
}

/** The port that a line of the plugin's says is open: "Port 53211 opened for sessionId ada-0a1b."; null: it says something else. Pure. */
export function portInLine(line: string): number | null {
  const [, digits] = /^Port (\d{1,5}) opened for sessionId\b/.exec(line.trim()) ?? [];
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? port : null;
}
