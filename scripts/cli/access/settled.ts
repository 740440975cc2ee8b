/** How long a command waits for what goes out beside its own calls. */
const PATIENCE_MS = 1_000;

/** Resolves when all of `going` have: after a second at most. None of them may reject. */
export async function settledSoon(going: ReadonlySet<Promise<void>>): Promise<void> {
  if (going.size === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([Promise.all(going), late]);
  clearTimeout(timer);
}
