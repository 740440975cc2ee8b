// jest's hooks import this file as it is, which Node.js can do: it imports nothing.

const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/**
 * A signal that would end this process does `act` first, and then ends it; `act` that fails is said on stderr. A second signal ends it at
 * once. What this returns takes that back.
 */
export function beforeSignal(act: (signal: NodeJS.Signals) => void | Promise<void>): () => void {
  const hear = async (signal: NodeJS.Signals): Promise<void> => {
    forget();
    try {
      await act(signal);
    } catch (error) {
      console.error((error as Error).message);
    }
    process.kill(process.pid, signal);
  };
  const forget = (): void => {
    for (const signal of SIGNALS) process.off(signal, hear);
  };
  for (const signal of SIGNALS) process.on(signal, hear);
  return forget;
}
