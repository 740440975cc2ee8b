import { InvalidArgumentError, Option } from "commander";
import { PREFLIGHT_CHECKS, type PreflightCheck } from "../../../agent/contract/preflight-checks.js";

/** --skip, a check of the account that is left out; may be repeated. */
export const skipOption = (): Option =>
  new Option(
    "--skip <check>",
    `a check that is left out, beside muster.yaml's; may be repeated: ${PREFLIGHT_CHECKS.join(", ")}`,
  )
    .argParser((name: string, before: readonly PreflightCheck[]) => {
      const check = PREFLIGHT_CHECKS.find((known) => known === name);
      if (check === undefined) throw new InvalidArgumentError(`Give one of ${PREFLIGHT_CHECKS.join(", ")}.`);
      return [...before, check];
    })
    .default([], "none");
