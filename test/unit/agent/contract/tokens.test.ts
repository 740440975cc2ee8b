import { expect, test } from "@jest/globals";
import { ROLES, roleOfToken, roleToken } from "../../../../agent/contract/tokens.js";

test("each role's token proves that role, for its own cluster only", () => {
  for (const role of ROLES) {
    expect(roleOfToken("secret", roleToken("secret", role))).toBe(role);
    expect(roleOfToken("other", roleToken("secret", role))).toBeNull();
  }
  expect(new Set(ROLES.map((role) => roleToken("secret", role))).size).toBe(ROLES.length);
});

test.each([
  "",
  "secret",
  "reader",
  roleToken("secret", "reader").slice(1),
  `${roleToken("secret", "reader")}=`,
])("%j proves nothing", (token) => {
  expect(roleOfToken("secret", token)).toBeNull();
});
