import type { Command } from "commander";
import { checkPreflight } from "../../../agent/contract/preflight/check.js";
import { PREFLIGHT_SECONDS, type PreflightCheck } from "../../../agent/contract/preflight-checks.js";
import { EXIT, unusable } from "../core/exit.js";
import { preflightAskOf } from "../core/preflight.js";
import { countFindings, renderFindings } from "../render/check.js";
import { onOrg, orgCommand, type Session, secondsOption } from "./context.js";
import { readConfig } from "./read-config.js";
import { skipOption } from "./skip-option.js";

interface Options {
  readonly skip: readonly PreflightCheck[];
  /** Seconds. */
  readonly patience: number;
}

/** `muster check` */
export function addCheck(parent: Command, session: Session): void {
  const command = orgCommand(parent, "check", {
    summary: "says what the account lacks of what muster.yaml asks for, before a deploy",
    more: [
      "Looks at all clusters at once: quotas, addresses, offered instance types, EFA, image, key, rights, and a dry run of RunInstances.",
      "Starts and changes nothing. The exit status is 1 where there is a problem. What can't be asked is unchecked, and is no problem.",
    ].join("\n"),
    example: "muster check --skip rights --skip dry-run",
  })
    .addOption(skipOption())
    .addOption(
      secondsOption("--patience <duration>", "how long all calls together may take", {
        most: 60,
      }).default(PREFLIGHT_SECONDS, `${PREFLIGHT_SECONDS}s`),
    );
  onOrg<Options>(command, session, async ({ world, access, place, out }, { skip, patience }) => {
    const config = await readConfig(world);
    if (config.org.name !== place.org)
      throw unusable([`--org is ${place.org}, and muster.yaml declares ${config.org.name}`]);
    const ask = preflightAskOf(config, skip);
    const facts = await access.preflight.observe(ask, patience * 1000);
    const findings = checkPreflight(ask, facts);
    await out.print(renderFindings(findings));
    await out.document({ org: ask.org, region: ask.region, skipped: ask.skip, findings });
    out.say(
      `${countFindings(findings)} (${config.clusters.length} clusters of org ${ask.org} in ${ask.region})`,
    );
    return findings.some(({ is }) => is === "problem") ? EXIT.failed : EXIT.done;
  });
}
