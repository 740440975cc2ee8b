import { describe, expect, test } from "@jest/globals";
import { accountRefusal } from "../../../../provider/aws/account.js";

const MINE = "111111111111";
const OTHER = "222222222222";

describe("accountRefusal", () => {
  test.each([
    ["no rules", { allowed: null, forbidden: null }],
    ["it is allowed", { allowed: [OTHER, MINE], forbidden: null }],
    ["another is forbidden", { allowed: null, forbidden: [OTHER] }],
    ["both say so", { allowed: [MINE], forbidden: [OTHER] }],
  ])("takes the account where %s", (_name, rules) => {
    expect(accountRefusal(MINE, rules)).toBeNull();
  });

  test.each([
    ["only others are allowed", { allowed: [OTHER], forbidden: null }, "allowed_account_ids", OTHER],
    ["none is allowed", { allowed: [], forbidden: null }, "allowed_account_ids", "has none"],
    ["it is forbidden", { allowed: null, forbidden: [MINE] }, "forbidden_account_ids", MINE],
    ["it is allowed and forbidden", { allowed: [MINE], forbidden: [MINE] }, "forbidden_account_ids", MINE],
  ])("refuses it where %s, at the rule", (_name, rules, attribute, detail) => {
    const [refusal] = accountRefusal(MINE, rules)?.diagnostics ?? [];
    expect(refusal).toMatchObject({ path: [attribute], detail: expect.stringContaining(detail) });
    expect(refusal?.detail).toContain(MINE);
  });
});
