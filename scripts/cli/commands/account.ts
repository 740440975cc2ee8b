import type { Command } from "commander";
import { deployRoleName, trustPolicy } from "../../../agent/contract/rights/trust.js";
import { checkAccount } from "../core/account-check.js";
import { EXIT, unusable } from "../core/exit.js";
import { renderAccount, renderFindings } from "../render/account.js";
import { addAccountConnect } from "./account-connect.js";
import { accountIdOf, keptExternalId, readAccount, roleOf } from "./account-file.js";
import { findPrincipal, withPrincipal } from "./account-options.js";
import { addPipeline } from "./account-pipeline.js";
import { onOrg, orgCommand, type Session } from "./context.js";
import { addPolicy } from "./policy.js";

/** `muster account` */
export function addAccount(program: Command, session: Session): void {
  const group = program
    .command("account")
    .summary("makes, checks and shows the role that leads to the org's account")
    .description("Makes, checks and shows the role that leads to the org's account.")
    .enablePositionalOptions();
  addPolicy(group, session, "muster account policy");
  addTrust(group, session);
  addPipeline(group, session);
  addAccountConnect(group, session);
  addCheck(group, session);
  addShow(group, session);
}

function addTrust(group: Command, session: Session): void {
  const command = withPrincipal(
    orgCommand(group, "trust", {
      summary: "prints the role's trust policy, with the external id, as JSON for IAM",
      more: [
        "The external id is muster.yaml's. Where it has none, one is made and written there: keep it. It is no secret; it keeps a third",
        "party from being led into the account by another of its customers.",
      ].join("\n"),
      example: "muster account trust --principal arn:aws:iam::210987654321:role/ci >trust.json",
    }),
  );
  onOrg<{ principal?: string }>(command, session, async ({ world, access, out, place }, { principal }) => {
    const trusted = await findPrincipal(principal, place.region, access.account.as({ by: "own" }));
    const externalId = await keptExternalId(world);
    const policy = trustPolicy(trusted, externalId);
    await out.print(JSON.stringify(policy, null, 2).split("\n"));
    await out.document({ roleName: deployRoleName(place), principal: trusted, externalId, policy });
    return EXIT.done;
  });
}

function addCheck(group: Command, session: Session): void {
  const command = orgCommand(group, "check", {
    summary: "checks that the role can be assumed with the external id alone, and what it may do",
    more: [
      "Assumes the role with the external id and without it: a role that is given without it is refused as unsafe. Then looks at the",
      "account, the role's rights (by a simulation, which is no proof), and whether the region is enabled. Changes nothing.",
    ].join("\n"),
    example: "muster account check",
  });
  onOrg(command, session, async ({ world, access, out, place }) => {
    const declared = readAccount(world);
    const role = roleOf(declared);
    const accountId = accountIdOf(declared);
    if (accountId === null)
      throw unusable([
        "muster.yaml has no account: `muster account connect` makes the role and writes it there",
      ]);
    const findings = await checkAccount({
      own: access.account.as({ by: "own" }),
      inRole: role === null ? null : access.account.as({ by: "role", ...role }),
      role,
      accountId,
      place: { ...place, accountId },
    });
    await out.print(renderFindings(findings));
    await out.document({ account: accountId, roleArn: declared.roleArn, findings });
    const wrong = findings.filter(({ state }) => state === "wrong");
    if (wrong.length === 0) return EXIT.done;
    out.say(`${wrong.length} of ${findings.length} checks failed.`);
    return EXIT.failed;
  });
}

function addShow(group: Command, session: Session): void {
  const command = orgCommand(group, "show", {
    summary: "shows the account and the role that muster.yaml names, and whose credentials there are",
    example: "muster account show",
  });
  onOrg(command, session, async ({ world, access, out, place }) => {
    const declared = readAccount(world);
    const caller = await access.account.caller();
    const shown = {
      org: place.org,
      region: place.region,
      account: accountIdOf(declared),
      roleArn: declared.roleArn,
      externalId: declared.externalId,
      stsRegion: declared.region ?? place.region,
      caller,
    };
    await out.print(renderAccount(shown));
    await out.document(shown);
    return EXIT.done;
  });
}
