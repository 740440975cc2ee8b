import { CONNECT_ACTIONS } from "../../../agent/contract/rights/callers.js";
import { rolePolicies } from "../../../agent/contract/rights/policy.js";
import { globalArn, type RightsPlace } from "../../../agent/contract/rights/right.js";
import {
  ACCOUNT_PATH,
  deployPolicyName,
  trustPolicy,
  trustProblems,
} from "../../../agent/contract/rights/trust.js";
import { type AccountCalls, AccountRefusal, type ExistingRole } from "./account.js";

/** The role that is wanted. */
export interface WantedRole {
  readonly name: string;
  readonly principal: string;
  readonly externalId: string;
  readonly place: Omit<RightsPlace, "accountId">;
  readonly permissionsBoundary: string | null;
}

export interface ConnectedRole {
  readonly role: ExistingRole;
  readonly accountId: string;
  /** Whether it was there before. */
  readonly wasThere: boolean;
  /** The policies that were made or attached now. */
  readonly completed: readonly string[];
}

/**
 * Makes the role and its policies with `calls`, in the name of the account's keys. First says all that is in the way; nothing is changed then. May run
 * again, also after a failure in the middle: what is there and right stays. Throws AccountRefusal.
 */
export async function connectRole(calls: AccountCalls, wanted: WantedRole): Promise<ConnectedRole> {
  const { account, arn } = await calls.identity();
  await refuseMissingRights(calls, arn);
  const { permissionsBoundary } = wanted;
  const boundary = permissionsBoundary === null ? {} : { permissionsBoundaryArn: permissionsBoundary };
  const place = { ...wanted.place, accountId: account, ...boundary };
  const policies = rolePolicies(place).map((policy, index) => {
    const name = deployPolicyName(wanted.name, index + 1);
    return {
      name,
      text: JSON.stringify(policy),
      arn: globalArn(place, "iam", `policy${ACCOUNT_PATH}${name}`),
    };
  });
  const there = await calls.readRole(wanted.name);
  if (there !== null) refuseOtherTrust(there, wanted);
  const known = await Promise.all(policies.map(async ({ arn: policyArn }) => calls.readPolicy(policyArn)));
  refuseOtherPolicies(policies, known);
  const role = there ?? (await makeRole(calls, wanted));
  const attached = new Set(await calls.attachedPolicies(wanted.name));
  const completed: string[] = [];
  for (const [index, policy] of policies.entries()) {
    const isMissing = (known[index] ?? null) === null;
    if (isMissing) await calls.createPolicy(policy.name, policy.text, descriptionOf(wanted));
    if (!attached.has(policy.arn)) await calls.attachPolicy(wanted.name, policy.arn);
    if (isMissing || !attached.has(policy.arn)) completed.push(policy.arn);
  }
  return { role, accountId: account, wasThere: there !== null, completed };
}

/** All missing rights at once, before anything is changed. Where they can't be asked, the calls themselves will say. */
async function refuseMissingRights(calls: AccountCalls, arn: string): Promise<void> {
  // Only a user can be simulated by its ARN as it is; an account's root may do all.
  if (!/:user\//.test(arn)) return;
  const question = { actions: CONNECT_ACTIONS, resources: [], context: [] };
  const denied = await calls.simulate(arn, [question]).catch((error: unknown) => {
    if (
      error instanceof AccountRefusal &&
      error.code !== "keys-not-valid" &&
      error.code !== "account-suspended"
    )
      return [];
    throw error;
  });
  // A simulation may deny wrongly under an organisation's policies: those decide when they are met.
  const missing = denied
    .filter(({ byOrganization, missingKeys }) => !byOrganization && missingKeys.length === 0)
    .map(({ action }) => action);
  if (missing.length === 0) return;
  const said = `The keys of ${arn} lack ${missing.join(", ")}`;
  throw new AccountRefusal("right-missing", said, missing[0] ?? null);
}

function refuseOtherTrust(there: ExistingRole, { principal, externalId }: WantedRole): void {
  const problems = trustProblems(there.trustPolicy, principal, externalId);
  if (problems.length === 0) return;
  throw new AccountRefusal("trust-not-right", `The role ${there.arn} exists: ${problems.join("; ")}`);
}

function refuseOtherPolicies(
  policies: readonly { readonly arn: string; readonly text: string }[],
  known: readonly (string | null)[],
): void {
  const others = policies.filter(({ text }, index) => {
    const found = known[index] ?? null;
    return found !== null && !isSame(found, text);
  });
  if (others.length === 0) return;
  const names = others.map(({ arn }) => arn).join(", ");
  throw new AccountRefusal("policy-not-right", `Of another content than this version's: ${names}`);
}

/** Whether two texts of a policy mean the same document; IAM keeps white space as it came. */
function isSame(one: string, other: string): boolean {
  try {
    return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));
  } catch {
    return false;
  }
}

const makeRole = (calls: AccountCalls, wanted: WantedRole): Promise<ExistingRole> =>
  calls.createRole({
    name: wanted.name,
    trustPolicy: JSON.stringify(trustPolicy(wanted.principal, wanted.externalId)),
    description: descriptionOf(wanted),
    permissionsBoundary: wanted.permissionsBoundary,
  });

const descriptionOf = ({ place }: WantedRole): string =>
  `Deploys the Muster org ${place.org} in ${place.region} and works on it`;

/** How long AWS may take until a new role is known everywhere. */
const YOUNG_MS = 60_000;
const PAUSE_MS = 2_000;

/** What waiting for a young role needs. */
interface Waiting {
  now(): Date;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Assumes the role, and tries again while it is young: a new role is refused for some seconds. An old one's refusal is thrown at once.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
export async function assumeYoungRole(
  own: AccountCalls,
  { arn, createdAt }: ExistingRole,
  externalId: string,
  { now, sleep, signal }: Waiting,
): Promise<void> {
  for (;;) {
    try {
      return await own.assume({ roleArn: arn, externalId });
    } catch (error) {
      const isRefused = error instanceof AccountRefusal && error.code === "right-missing";
      const isYoung = now().getTime() - createdAt.getTime() < YOUNG_MS;
      if (!isRefused) throw error;
      if (!isYoung) throw new AccountRefusal("role-not-assumable", error.message, error.action);
    }
    await sleep(PAUSE_MS, signal);
    signal.throwIfAborted();
  }
}
