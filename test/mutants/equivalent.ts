/**
 * Changes after which the program does the same, by their keys (see changes.ts): no test can notice them, and they count neither way. Each has
 * the reason. Before you list one, see whether the code can do without the operator.
 */
export const EQUIVALENT: Readonly<Record<string, string>> = {};
