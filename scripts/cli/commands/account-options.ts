import { type Command, InvalidArgumentError, Option } from "commander";
import { isPrincipal, principalArn } from "../../../agent/contract/rights/trust.js";
import type { AccountCalls } from "../core/account.js";
import { unusable } from "../core/exit.js";

/** Adds --principal. */
export const withPrincipal = (command: Command): Command =>
  command.addOption(
    new Option(
      "--principal <arn>",
      "who may assume the role: the ARN of a role or user, or an account's id; default: the account of your own credentials",
    ).argParser((text) => {
      if (isPrincipal(text)) return text;
      throw new InvalidArgumentError("Give the ARN of a role or user, or 12 digits.");
    }),
  );

/** --account, an account's id. */
export const accountOption = (description: string): Option =>
  new Option("--account <id>", description).argParser((text) => {
    if (/^\d{12}$/.test(text)) return text;
    throw new InvalidArgumentError("Give 12 digits.");
  });

/** The ARN of who may assume the role. Throws CommandError. */
export async function findPrincipal(
  given: string | undefined,
  region: string,
  own: AccountCalls,
): Promise<string> {
  if (given !== undefined) return principalArn(given, region);
  try {
    return principalArn((await own.identity()).account, region);
  } catch (error) {
    throw unusable([
      `--principal is missing, and your own credentials do not say which account may assume the role: ${(error as Error).message}`,
    ]);
  }
}
