import { simulationQuestions } from "../../../agent/contract/rights/questions.js";
import type { RightsPlace } from "../../../agent/contract/rights/right.js";
import { type AccountCalls, AccountRefusal, type AssumedRole, type DeniedAction } from "./account.js";
import { ACCOUNT_PROBLEMS, type AccountProblemCode } from "./account-problems.js";
import { CommandError } from "./exit.js";

/**
 * `unproven`: what could be seen is right, and it does not prove it. `unchecked`: it can't be asked. Neither makes the check
 * fail.
 */
type State = "ok" | "wrong" | "unproven" | "unchecked";

/** What one check found. `next` is the next step; null: none is needed. */
export interface AccountFinding {
  readonly check: "credentials" | "role" | "external id" | "account" | "rights" | "region";
  readonly state: State;
  readonly code: AccountProblemCode | null;
  readonly message: string;
  readonly next: string | null;
}

/** What an account is checked with: own calls, and those of the role; null: no role is declared. */
export interface AccountToCheck {
  readonly own: AccountCalls;
  readonly inRole: AccountCalls | null;
  readonly role: AssumedRole | null;
  /** Null: any account will do. */
  readonly accountId: string | null;
  readonly place: RightsPlace;
}

/** Looks at all there is to check, and changes nothing. Throws only what has nothing to do with the account (no network). */
export async function checkAccount(subject: AccountToCheck): Promise<readonly AccountFinding[]> {
  const own = await finding("credentials", async () => {
    const { arn } = await subject.own.identity();
    return ok("credentials", `they are ${arn}`);
  });
  if (own.state === "wrong") return [own];
  const { role, inRole } = subject;
  if (role === null || inRole === null) return [own, ...(await checkInside(subject, subject.own))];
  const entrance = await Promise.all([
    finding("role", () => assumed(subject.own, role)),
    finding("external id", () => refusedWithout(subject.own, role)),
  ]);
  const inside = entrance[0].state === "ok" ? await checkInside(subject, inRole) : [];
  return [own, ...entrance, ...inside];
}

async function assumed(own: AccountCalls, role: AssumedRole): Promise<AccountFinding> {
  try {
    await own.assume(role);
    return ok("role", `${role.roleArn} is assumed with the external id`);
  } catch (error) {
    if (error instanceof AccountRefusal && error.code === "right-missing")
      throw new AccountRefusal("role-not-assumable", error.message, error.action);
    throw error;
  }
}

/** Only a refusal that is about the call itself counts: another failure says nothing of the trust policy. */
async function refusedWithout(own: AccountCalls, { roleArn }: AssumedRole): Promise<AccountFinding> {
  try {
    await own.assume({ roleArn, externalId: null });
  } catch (error) {
    if (error instanceof AccountRefusal && ["right-missing", "denied-by-organization"].includes(error.code))
      return ok("external id", "the role is refused without it");
    throw error;
  }
  return wrong("external id", "open-without-external-id", `${roleArn} is assumed without the external id`);
}

const checkInside = (subject: AccountToCheck, calls: AccountCalls): Promise<readonly AccountFinding[]> =>
  Promise.all([
    finding("account", async () => {
      const { account } = await calls.identity();
      if (subject.accountId === null || account === subject.accountId)
        return ok("account", `it is ${account}`);
      const message = `it is ${account}, and muster.yaml names ${subject.accountId}`;
      return wrong("account", "other-account", message);
    }),
    unlessForbidden("rights", () => checkRights(subject, calls)),
    unlessForbidden("region", async () => {
      const { region } = subject.place;
      return (await calls.isRegionEnabled(region))
        ? ok("region", `${region} is enabled`)
        : wrong("region", "region-not-enabled", `${region} is not enabled in the account`);
    }),
  ]);

async function checkRights({ role, place }: AccountToCheck, calls: AccountCalls): Promise<AccountFinding> {
  if (role === null)
    return unchecked("rights", "they are checked for a role only", "Give account.roleArn in muster.yaml.");
  return rightsFinding(await calls.simulate(role.roleArn, simulationQuestions(place)));
}

/**
 * What a simulation says of the rights. It is no proof: a simulation leaves out service control policies that have conditions, and
 * resources' own policies, so it allows and denies wrongly where there are some.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
 */
export function rightsFinding(denied: readonly DeniedAction[]): AccountFinding {
  const namesOf = (some: readonly DeniedAction[]) => [...new Set(some.map(({ action }) => action))].sort();
  const isSure = ({ byOrganization, missingKeys }: DeniedAction) =>
    !byOrganization && missingKeys.length === 0;
  const missing = namesOf(denied.filter(isSure));
  if (missing.length > 0)
    return wrong("rights", "right-missing", `${missing.length} are missing: ${missing.join(", ")}`);
  const keys = [...new Set(denied.flatMap(({ missingKeys }) => missingKeys))];
  if (keys.length > 0)
    return {
      check: "rights",
      state: "unproven",
      code: null,
      message: `a simulation denies ${namesOf(denied).join(", ")} as long as ${keys.join(", ")} have no value`,
      next: "A plan and an apply prove it.",
    };
  const byOrganization = namesOf(denied);
  if (byOrganization.length > 0)
    return {
      check: "rights",
      state: "unproven",
      code: "denied-by-organization",
      message: `a simulation says that the organisation denies ${byOrganization.join(", ")}; it may be wrong where the organisation's policies have conditions`,
      next: ACCOUNT_PROBLEMS["denied-by-organization"].next,
    };
  return {
    check: "rights",
    state: "unproven",
    code: null,
    message:
      "the role's policies allow all; policies of an organisation that have conditions are not part of a simulation",
    next: "A plan and an apply prove it.",
  };
}

type Check = AccountFinding["check"];

async function finding(check: Check, look: () => Promise<AccountFinding>): Promise<AccountFinding> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof AccountRefusal) return wrong(check, error.code, error.message);
    throw error;
  }
}

/** As finding, but where the right to look lacks, nothing is known. */
async function unlessForbidden(check: Check, look: () => Promise<AccountFinding>): Promise<AccountFinding> {
  const found = await finding(check, async () => {
    try {
      return await look();
    } catch (error) {
      if (error instanceof AccountRefusal && ["right-missing", "denied-by-organization"].includes(error.code))
        return unchecked(
          check,
          error.message,
          `Allow ${error.action ?? "the call"}, or go on without the check.`,
        );
      // What the network or AWS does now says nothing of the account.
      if (error instanceof CommandError) return unchecked(check, error.message, "Try again in a moment.");
      throw error;
    }
  });
  return found;
}

const ok = (check: Check, message: string): AccountFinding => ({
  ...{ check, state: "ok", code: null },
  message,
  next: null,
});
const wrong = (check: Check, code: AccountProblemCode, message: string): AccountFinding => ({
  ...{ check, state: "wrong", code },
  message,
  next: ACCOUNT_PROBLEMS[code].next,
});
const unchecked = (check: Check, message: string, next: string): AccountFinding => ({
  ...{ check, state: "unchecked", code: null },
  message,
  next,
});
