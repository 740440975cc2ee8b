/** One to four numbers of at most 8 digits, with dots: 3, 1.4.0, 2026.11.27. No leading zero, so that a version has one spelling. */
export const VERSION_SOURCE = "(?:0|[1-9][0-9]{0,7})(?:\\.(?:0|[1-9][0-9]{0,7})){0,3}";
export const VERSION_PATTERN = `^${VERSION_SOURCE}$`;

/**
 * The order of two versions, by their numbers: negative where `a` is the older one. A missing number counts as 0, so 1.4 and 1.4.0 are equal:
 * then the caller's next criterion decides. Pure.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number)) as [number[], number[]];
  const differences = [0, 1, 2, 3].map((index) => (left[index] ?? 0) - (right[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}
