import type { Command } from "commander";
import { IAM_LIMITS, policyCharacters, rolePolicies } from "../../../agent/contract/rights/policy.js";
import { deployPolicyName, deployRoleName } from "../../../agent/contract/rights/trust.js";
import { EXIT, unusable } from "../core/exit.js";
import { accountIdOf, boundaryOf, readAccount } from "./account-file.js";
import { accountOption } from "./account-options.js";
import { onOrg, orgCommand, type Session } from "./context.js";

/** `muster policy`, which is `muster account policy` too: `words` are those that it is called by. */
export function addPolicy(parent: Command, session: Session, words: string): void {
  const command = orgCommand(parent, "policy", {
    summary: "prints the policies that the role needs, as JSON for IAM",
    more: [
      "They allow what the stacks, the provider and the commands call, and no more: docs/reference/permissions.md says which call needs",
      "which right. Each document is within IAM's limit for a managed policy; attach all of them. Makes no call.",
    ].join("\n"),
    example: `${words} --document 1 >policy-1.json`,
  })
    .addOption(accountOption("the account that the role is in; default: muster.yaml's, else any"))
    .option("--document <number>", "only this document, counted from 1");
  onOrg<{ account?: string; document?: string }>(command, session, async (context, options) => {
    const { out, place, world } = context;
    const declared = readAccount(world);
    const accountId = options.account ?? accountIdOf(declared) ?? "*";
    const roleName = deployRoleName(place);
    const policies = rolePolicies({ ...place, accountId, ...boundaryOf(declared) }).map(
      (document, index) => ({
        name: deployPolicyName(roleName, index + 1),
        characters: policyCharacters(document),
        document,
      }),
    );
    const { document = "" } = options;
    const wanted = document === "" ? policies : policies.slice(Number(document) - 1, Number(document));
    if (!/^(?:[1-9]\d*)?$/.test(document) || wanted.length === 0)
      throw unusable([`--document is "${document}": give a number from 1 to ${policies.length}`]);
    for (const policy of wanted) {
      out.say(`${policy.name}: ${policy.characters} of ${IAM_LIMITS.managedPolicyCharacters} characters.`);
      await out.print(JSON.stringify(policy.document, null, 2).split("\n"));
    }
    await out.document({ roleName, policies: wanted });
    return EXIT.done;
  });
}
