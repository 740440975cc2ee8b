import { type Static, Type } from "@sinclair/typebox";
import { PREFLIGHT_CHECKS, type PreflightCheck } from "../../agent/contract/preflight-checks.js";
import { closed } from "./fields.js";

/** What is checked of the account before a deploy. */
export const PreflightSettings = Type.Object(
  {
    enabled: Type.Boolean({
      default: true,
      description: "false: a plan asks nothing of the account; muster check still does",
    }),
    skip: Type.Array(
      Type.Unsafe<PreflightCheck>(
        Type.String({ enum: [...PREFLIGHT_CHECKS], description: "the name of a check" }),
      ),
      {
        default: [],
        maxItems: PREFLIGHT_CHECKS.length,
        uniqueItems: true,
        description: "checks that are left out, in a plan and in muster check",
        examples: [["rights", "dry-run"]],
      },
    ),
  },
  { default: {}, description: "what a plan checks of the account before anything is made", ...closed },
);
export type PreflightSettings = Static<typeof PreflightSettings>;
