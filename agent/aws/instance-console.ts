/** What an instance of the cluster has written to its console: 64 KiB at most; null: nothing. Throws SDK errors; bounded. */
export function createConsoleReader(region: string): (instanceId: string) => Promise<string | null> {
  return async (instanceId) => (await import("./console-call.js")).getConsole(region, instanceId);
}
