import { accountOfArn } from "./account.js";
import type { Draft } from "./draft.js";
import { type Problem, renderValue } from "./problem.js";

/** The rules of `account`. Pure. */
export function accountProblems({ account }: Draft): Problem[] {
  const { id, roleArn, externalId, region } = account ?? {};
  const refuse = (key: string, message: string): Problem => ({ path: ["account", key], message });
  if (roleArn === undefined)
    return region === undefined
      ? []
      : [refuse("region", `got ${renderValue(region)}; allowed: only with roleArn, which it is for`)];
  const owner = accountOfArn(roleArn);
  return [
    ...(externalId === undefined
      ? [
          refuse(
            "externalId",
            "is missing; needed with roleArn: a role that is assumed without one can be misused by others; `muster account trust` makes one",
          ),
        ]
      : []),
    ...(id === undefined || id === owner
      ? []
      : [refuse("id", `got ${renderValue(id)}; allowed: ${owner}, the account of roleArn`)]),
  ];
}
