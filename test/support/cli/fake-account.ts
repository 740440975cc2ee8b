import type { SimulationQuestion } from "../../../agent/contract/rights/questions.js";
import {
  type AccountCalls,
  AccountRefusal,
  type Caller,
  type DeniedAction,
  type ExistingRole,
} from "../../../scripts/cli/core/account.js";
import type { AccountProblemCode } from "../../../scripts/cli/core/account-problems.js";

/** An AWS account in memory, and another one whose credentials the command has. */
export class FakeAccount {
  readonly id = "123456789012";
  ownArn = "arn:aws:iam::210987654321:role/ci";
  keysArn = `arn:aws:iam::${this.id}:user/admin`;
  readonly roles = new Map<string, ExistingRole>();
  readonly policies = new Map<string, string>();
  readonly attached = new Map<string, string[]>();
  /** What simulations deny. */
  denied: readonly DeniedAction[] = [];
  isRegionEnabled = true;
  /** Calls that fail, by their name. */
  readonly refuses = new Map<keyof AccountCalls, AccountProblemCode>();
  /** How often a session with the external id is refused before it is given. */
  refusalsLeft = 0;
  /** Whether a session is given without the external id too. */
  isOpen = false;
  readonly asked: SimulationQuestion[] = [];
  /** The calls that changed something. */
  readonly changes: string[] = [];
  now: () => Date = () => new Date("2026-01-01T00:10:00Z");

  as(caller: Caller): AccountCalls {
    const refuse = (call: keyof AccountCalls): void => {
      const code = this.refuses.get(call);
      if (code !== undefined) throw new AccountRefusal(code, `Could not ${call}: denied`, "iam:Something");
    };
    return {
      identity: async () => {
        refuse("identity");
        if (caller.by === "own") return { account: "210987654321", arn: this.ownArn };
        return { account: this.id, arn: caller.by === "keys" ? this.keysArn : `${caller.roleArn}/s` };
      },
      assume: async ({ externalId }) => {
        refuse("assume");
        if (externalId === null && this.isOpen) return;
        if (externalId !== null && this.refusalsLeft-- <= 0) return;
        throw new AccountRefusal("right-missing", "Could not assume the role: denied", "sts:AssumeRole");
      },
      simulate: async (_arn, questions) => {
        refuse("simulate");
        this.asked.push(...questions);
        return this.denied;
      },
      isRegionEnabled: async () => {
        refuse("isRegionEnabled");
        return this.isRegionEnabled;
      },
      readRole: async (name) => this.roles.get(name) ?? null,
      createRole: async ({ name, trustPolicy }) => {
        refuse("createRole");
        const arn = `arn:aws:iam::${this.id}:role/muster-account/${name}`;
        const role = { arn, trustPolicy, createdAt: this.now() };
        this.roles.set(name, role);
        this.changes.push(`role ${name}`);
        return role;
      },
      readPolicy: async (arn) => this.policies.get(arn) ?? null,
      createPolicy: async (name, policy) => {
        refuse("createPolicy");
        this.policies.set(`arn:aws:iam::${this.id}:policy/muster-account/${name}`, policy);
        this.changes.push(`policy ${name}`);
      },
      attachedPolicies: async (role) => this.attached.get(role) ?? [],
      attachPolicy: async (role, arn) => {
        refuse("attachPolicy");
        this.attached.set(role, [...(this.attached.get(role) ?? []), arn]);
        this.changes.push(`attach ${arn.split("/").at(-1)}`);
      },
    };
  }
}
