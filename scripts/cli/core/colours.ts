/** The colour of each status, as a terminal's code. */
const CODE_OF: Readonly<Record<string, number>> = {
  NEW: 36,
  INPROGRESS: 33,
  FINISHED: 32,
  FAILED: 31,
  CANCELLED: 35,
  PARKED: 34,
  REMOVING: 33,
  REMOVED: 34,
  MISSING: 31,
};
const STATUS = new RegExp(`\\b(?:${Object.keys(CODE_OF).join("|")})\\b`, "g");

/** A line with its statuses in colour, for a terminal. No name of Muster's has capitals, so the words are statuses. Pure. */
export const withColours = (line: string): string =>
  line.replace(STATUS, (status) => `\x1b[${CODE_OF[status]}m${status}\x1b[39m`);
