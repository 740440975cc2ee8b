import type { Change } from "./changes.js";

/** The global function that a source with switches asks at each of them: `changed` where the change of that number is made, else `own`. */
export const CHOOSE = "mutantChoose";
export type Choose = <Choice>(number: number, changed: Choice, own: Choice) => Choice;

/** The variable by which a process that a test starts knows which change is made. */
export const MADE = "MUSTER_MUTANT";

/** A change among the others of a run. */
export interface Numbered {
  readonly number: number;
  readonly change: Change;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Where no change is named, the process's environment names it. */
const HEAD = `var $value, $choose = globalThis.${CHOOSE} ?? ((number, changed, own) => String(number) === globalThis.process?.env.${MADE} ? changed : own);`;

/**
 * The source with all of these changes in it, each behind a switch that says when it is reached: so one that is loaded can be changed, and
 * changed back. It has the same lines, and each operand once. The changes are of this source.
 */
export function withSwitches(source: string, changes: readonly Numbered[]): string {
  const before = changes.flatMap(beginsAt(source)).toSorted(outerFirst);
  const after = changes.flatMap(endsAt).toSorted(innerFirst);
  let text = changes.length === 0 ? "" : HEAD;
  let at = 0;
  for (const edit of [...after, ...before].toSorted((one, other) => one.start - other.start)) {
    text += source.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return text + source.slice(at);
}

interface Placed extends Edit {
  readonly change: Change;
}

const outerFirst = (one: Placed, other: Placed): number =>
  one.start - other.start || other.change.expression.end - one.change.expression.end;
const innerFirst = (one: Placed, other: Placed): number =>
  one.start - other.start || other.change.expression.start - one.change.expression.start;

/** What a switch has for each operator: the two functions between which it chooses. */
const functionsOf = ({ from, to }: Change, parameters: string, form: (operator: string) => string): string =>
  `${parameters} => ${form(to)}, ${parameters} => ${form(from)}`;

/** Whether a value is the whole expression's, or the operand on the right is. */
const GOES_ON: Readonly<Record<string, string>> = {
  "&&": "value",
  "||": "!value",
  "??": "value === null || value === undefined",
};

const beginsAt =
  (source: string) =>
  ({ number, change }: Numbered): readonly Placed[] => {
    const { start, end, from, to, expression } = change;
    const at = (from: number, to: number, text: string): Placed => ({ start: from, end: to, text, change });
    const open = (text: string): Placed => at(expression.start, expression.start, text);
    if (from in GOES_ON) {
      const goesOn = functionsOf(change, "value", (operator) => GOES_ON[operator] ?? operator);
      return [open(`($choose(${number}, ${goesOn})($value = `), at(start, end, ") ? ")];
    }
    if (/^(\+\+|--|[+*-]=)$/.test(from)) {
      const changed = source.slice(expression.start, start) + to + source.slice(end, expression.end);
      return [open(`($choose(${number}, true, false) ? ${changed} : `)];
    }
    if (start === expression.start) {
      const sides = functionsOf(change, "value", (operator) => `${operator}value`);
      return [at(start, end, `$choose(${number}, ${sides})(`)];
    }
    const sides = functionsOf(change, "(left, right)", (operator) => `left ${operator} right`);
    return [open(`$choose(${number}, ${sides})(`), at(start, end, ",")];
  };

const endsAt = ({ change }: Numbered): readonly Placed[] => {
  const { end } = change.expression;
  return [{ start: end, end, text: change.from in GOES_ON ? " : $value)" : ")", change }];
};
