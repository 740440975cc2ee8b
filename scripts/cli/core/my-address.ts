import { failure } from "./exit.js";
import type { World } from "./world.js";

/** AWS's own, which answers with the caller's IPv4 address and nothing else. */
export const ADDRESS_SERVICE = "https://checkip.amazonaws.com";
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/** This machine's public address as a range of one, 203.0.113.7/32. Throws a CommandError. */
export async function myRange(
  { askService }: Pick<World, "askService">,
  service: string,
  signal: AbortSignal,
): Promise<string> {
  const said = (await askService(service, signal)).trim();
  if (!IPV4.test(said))
    throw failure(
      `${service} should answer with this machine's IPv4 address, but says ${JSON.stringify(said.slice(0, 60))}.`,
    );
  return `${said}/32`;
}
