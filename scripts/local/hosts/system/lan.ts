import { existsSync } from "node:fs";
import { runCommand } from "../../../system/command.js";

/** The addresses that the LAN's bridge has: the metadata service, the account's AWS endpoint, and builders' way out. */
export const METADATA_ADDRESS = "169.254.169.254";
export const ENDPOINT_ADDRESS = "169.254.169.253";
export const PROXY_ADDRESS = "169.254.169.252";
export const PROXY_PORT = 3128;
/** Named in node/init.sh too. */
const BRIDGE = "br0";
const LIMIT = { timeoutSeconds: 20 } as const;

/** Makes the network namespace and its bridge, without an uplink or a route to the machine. May run twice. */
export async function makeLan(netns: string): Promise<void> {
  if (!hasLan(netns)) await ip("netns", "add", netns);
  const inside = ["-n", netns] as const;
  const links = await ip(...inside, "-o", "link", "show");
  if (!links.includes(` ${BRIDGE}:`)) await ip(...inside, "link", "add", BRIDGE, "type", "bridge");
  for (const address of [METADATA_ADDRESS, ENDPOINT_ADDRESS, PROXY_ADDRESS]) {
    await ip(...inside, "address", "replace", `${address}/32`, "dev", BRIDGE);
  }
  await ip(...inside, "link", "set", "lo", "up");
  await ip(...inside, "link", "set", BRIDGE, "up");
  await ip(...inside, "route", "replace", "default", "dev", BRIDGE);
}

/** Whether the namespace is there. */
export const hasLan = (netns: string): boolean => existsSync(`/run/netns/${netns}`);

/** Removes the namespace, and with it bridge and links. Its processes must be gone. Nothing when there is none. */
export async function removeLan(netns: string): Promise<void> {
  if (hasLan(netns)) await ip("netns", "delete", netns);
}

/** Plugs a node's link in or out, at the LAN's end. */
export async function setLink(netns: string, veth: string, state: "up" | "down"): Promise<void> {
  await ip("-n", netns, "link", "set", veth, state);
}

function ip(...args: readonly string[]): Promise<string> {
  return runCommand(["ip", ...args], LIMIT);
}
