import type { Offer } from "./accept.js";

/** What is asked before anything is made in an account. Pure. */
export const question = (
  { usdPerHour, usdAtMost, ceiling }: Offer,
  { account, region, org }: { readonly account: string; readonly region: string; readonly org: string },
): string =>
  [
    `This makes the org ${org} with two clusters and a notebook in AWS account ${account}, region ${region}, and removes all of it at the end.`,
    `With all nodes running an hour costs ${usdPerHour.toFixed(2)} USD at list prices. It ends after ${ceiling.hours} h, or ${ceiling.usd} USD: it costs ${usdAtMost.toFixed(2)} USD at most.`,
    `Type the account's id to go on: `,
  ].join("\n");

/** Whether the answer is a yes. Pure. */
export const isYes = (answer: string, account: string): boolean => answer.trim() === account;
