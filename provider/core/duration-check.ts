import { parseDuration } from "../../agent/contract/duration.js";
import type { Check } from "./types.js";

/** Whether an attribute's text is a duration above zero. */
export const isDuration: Check<string> = (text) =>
  parseDuration(text) === null ? 'must be a duration above zero, like "90s", "30m" or "1h30m"' : null;
