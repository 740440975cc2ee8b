import type { SimulationQuestion } from "../../../agent/contract/rights/questions.js";
import type { AccountProblemCode } from "./account-problems.js";

/** The role that leads to an org's account. */
export interface AssumedRole {
  readonly roleArn: string;
  /** Null: none is given to STS. */
  readonly externalId: string | null;
  /** Where STS gives the sessions; null: the org's region. */
  readonly stsRegion: string | null;
}

/** Keys of a person's, for one command. They are kept in memory only, and are in no error. */
export interface AccessKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Null: the keys are lasting ones. */
  readonly sessionToken: string | null;
}

/** In whose name calls are made: the environment's credentials, keys, or a role that the former assume. */
export type Caller =
  | { readonly by: "own" }
  | ({ readonly by: "keys" } & AccessKeys)
  | ({ readonly by: "role" } & AssumedRole);

/** A role that is there. */
export interface ExistingRole {
  readonly arn: string;
  /** JSON. */
  readonly trustPolicy: string;
  readonly createdAt: Date;
}

/** An action that a simulation denies. */
export interface DeniedAction {
  readonly action: string;
  /** Whether a policy of the organisation's denies it. */
  readonly byOrganization: boolean;
  /** Keys of conditions that had no value, so that the real call may be allowed. */
  readonly missingKeys: readonly string[];
}

/** Calls about an account. Each may throw an AccountRefusal, and else a CommandError. None repeats a key. */
export interface AccountCalls {
  identity(): Promise<{ readonly account: string; readonly arn: string }>;
  /** Asks STS for a session of the role, and forgets it. */
  assume(role: Pick<AssumedRole, "roleArn" | "externalId">): Promise<void>;
  simulate(principalArn: string, questions: readonly SimulationQuestion[]): Promise<readonly DeniedAction[]>;
  isRegionEnabled(region: string): Promise<boolean>;
  /** Null: there is no role of the name. */
  readRole(name: string): Promise<ExistingRole | null>;
  createRole(role: RoleToMake): Promise<ExistingRole>;
  /** The JSON of the managed policy's default version; null: there is no such policy. */
  readPolicy(arn: string): Promise<string | null>;
  createPolicy(name: string, policy: string, description: string): Promise<void>;
  /** The ARNs of the role's managed policies. */
  attachedPolicies(roleName: string): Promise<readonly string[]>;
  attachPolicy(roleName: string, policyArn: string): Promise<void>;
}

/** A role that is made. */
interface RoleToMake {
  readonly name: string;
  readonly trustPolicy: string;
  readonly description: string;
  /** The ARN of a policy that limits the role; null: none. */
  readonly permissionsBoundary: string | null;
}

/** AWS refuses a call, for one of the causes that the commands distinguish. `message` has no key. */
export class AccountRefusal extends Error {
  override readonly name = "AccountRefusal";
  readonly code: AccountProblemCode;
  /** The right that lacks, "iam:CreateRole"; null: AWS does not say it. */
  readonly action: string | null;

  constructor(code: AccountProblemCode, message: string, action: string | null = null) {
    super(message);
    this.code = code;
    this.action = action;
  }
}
