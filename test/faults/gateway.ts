/** Errors that the gateway gives in the place of a service, by the service's signing name. */
export interface GatewayFaults {
  /** From now on every call of the service fails so; null: none. */
  set(service: string, response: { readonly code: string; readonly status: number } | null): Promise<void>;
}

/** By the gateway's own route: the nodes reach AWS through the gateway, as this process does. */
export function createGatewayFaults(): GatewayFaults {
  const ids = new Map<string, string>();
  async function call(path: string, request: RequestInit): Promise<unknown> {
    const url = `${process.env["AWS_ENDPOINT_URL"]}/_local/faults${path}`;
    const reply = await fetch(url, request);
    if (!reply.ok) throw new Error(`${url} answered ${reply.status}: ${await reply.text()}`);
    return reply.json();
  }
  return {
    async set(service, response) {
      const before = ids.get(service);
      ids.delete(service);
      if (before !== undefined) await call(`/${before}`, { method: "DELETE" });
      if (response === null) return;
      const rule = { service, action: "*", response: { ...response, message: "an outage" } };
      const { id } = (await call("", { method: "POST", body: JSON.stringify(rule) })) as { id: string };
      ids.set(service, id);
    },
  };
}
