import type { PathStep } from "./diagnostic.js";

/** A path as people write it: `disks[0].device`, `labels["a"]`; an element of a set is `rules[*]`. */
export function renderPath(path: readonly PathStep[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (typeof step === "object" && "someOf" in step) return `${text}[*]`;
    if (typeof step === "object") return `${text}[${JSON.stringify(step.key)}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
