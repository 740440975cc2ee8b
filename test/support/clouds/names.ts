const NAMES: Readonly<Record<string, RegExp>> = { e2e: /^test-/, examples: /^examples$/ };

/** Whether a local cloud of a name is of that suite's tests, of this run or of one that was killed. Throws where there is no such suite. */
export function cloudsOf(suite: string): (name: string) => boolean {
  const names = NAMES[suite];
  if (names === undefined) throw new Error(`"${suite}" is none of ${Object.keys(NAMES).join(", ")}`);
  return (name) => names.test(name);
}
