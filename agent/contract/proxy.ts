import type { AgentConfig } from "./agent-config.js";

/** The variables by which programs find a proxy, in both spellings: some read one, some the other. Empty: there is none. Pure. */
export function proxyVariables(proxy: AgentConfig["proxy"]): Readonly<Record<string, string>> {
  if (proxy === undefined) return {};
  const { http, https, noProxy } = proxy;
  const named = { HTTP_PROXY: http, HTTPS_PROXY: https, NO_PROXY: noProxy.join(",") };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [
            [name, value],
            [name.toLowerCase(), value],
          ],
    ),
  );
}
