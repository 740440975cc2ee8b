import type { STSClient } from "@aws-sdk/client-sts";

const addresses = new WeakMap<Error, string>();

/** The same SDK client, but it remembers for each error where the request went. */
export function naming<C extends { readonly middlewareStack: unknown }>(client: C): C {
  // The stack is the same for every client; only the types of requests differ.
  const stack = client.middlewareStack as STSClient["middlewareStack"];
  stack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const url = urlOf(args.request);
        if (error instanceof Error && url !== null) addresses.set(error, url);
        throw error;
      }
    },
    { step: "finalizeRequest", name: "musterEndpoint", override: true },
  );
  return client;
}

/** Where the request that failed with this error went, "http://host:port", or the given text if it is not a URL. */
export function endpointOf(error: Error): string | null {
  const { code, input } = error as Error & { readonly code?: string; readonly input?: unknown };
  if (code === "ERR_INVALID_URL") return JSON.stringify(String(input));
  return addresses.get(error) ?? null;
}

/** Without path, query and user, which may contain private data. */
function urlOf(request: unknown): string | null {
  const { protocol, hostname, port } = (request ?? {}) as {
    readonly protocol?: string;
    readonly hostname?: string;
    readonly port?: number;
  };
  if (protocol === undefined || hostname === undefined) return null;
  return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
}
