/**
 * The order of texts that machines made (times, names, ids), by their characters' numbers: the same on every machine. `localeCompare` orders
 * by a person's language, and its first use takes 6 ms of CPU time. Pure.
 */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
