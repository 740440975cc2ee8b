/**
 * Changes after which the program does the same, by their keys (see changes.ts): no test can notice them, and they count neither way. Each has
 * the reason. Before you list one, see whether the code can do without the operator.
 */
export const EQUIVALENT: Readonly<Record<string, string>> = {
  "agent/contract/command-words.ts: for (let at = start + 1; at «<» text.length; at += 1) { -> <=":
    "Behind a text's end charAt gives an empty text, which is no quote: the loop ends one step later, with nothing found.",
  "agent/contract/usage.ts: const end = to «<» cut ? to : cut; -> <=":
    "Where both are the same time, either is the end.",
};
