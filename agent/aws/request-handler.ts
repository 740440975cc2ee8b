let proxy: Readonly<Record<string, string>> = {};

/** From now on, clients that are made reach AWS through a proxy, by its variables (HTTPS_PROXY, NO_PROXY, ...). Once, at the start. */
export function useProxy(variables: Readonly<Record<string, string>>): void {
  proxy = variables;
}

/** What an SDK client waits for: a connection, and an answer. */
interface Limits {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
}

/**
 * The settings of an SDK client's requests: an answer that does not come in time ends the attempt, of which the SDK would only warn by itself.
 * Node.js does the proxy's part.
 * @see https://nodejs.org/api/http.html#built-in-proxy-support
 */
export function requestHandler(limits: Limits) {
  const bounded = { ...limits, throwOnRequestTimeout: true };
  if (Object.keys(proxy).length === 0) return bounded;
  const agent = { proxyEnv: { ...proxy } };
  return { ...bounded, httpAgent: agent, httpsAgent: agent };
}
