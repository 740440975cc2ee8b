import type { Forwarding } from "../core/forwarding.js";

/** See Forwarding. What it takes is loaded on first use: no other command needs it. */
export const systemForwarding: Forwarding = {
  reach: async (place, timeoutMs) => (await import("./upstream.js")).reach(place, timeoutMs),
  ask: async (upstream, timeoutMs) => (await import("./upstream.js")).ask(upstream, timeoutMs),
  serve: async (serving) => (await import("./serve.js")).serve(serving),
};
