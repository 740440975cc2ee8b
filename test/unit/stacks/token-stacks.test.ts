import { expect, test } from "@jest/globals";
import { Token } from "cdktf";
import { withoutTokenStacks } from "../../../stacks/token-stacks.js";

const stackOfToken = (): readonly string[] =>
  (Token.asAny("value") as unknown as { readonly creationStack: readonly string[] }).creationStack;

test("tokens have no stack meanwhile, and errors have theirs", () => {
  expect(stackOfToken().join()).toContain("token-stacks.test");
  const { token, error } = withoutTokenStacks(() => ({ token: stackOfToken(), error: new TypeError("no") }));
  expect(token).toEqual([]);
  expect(error.stack).toContain("token-stacks.test");
});

test("what is thrown comes out, and tokens have their stacks again", () => {
  const failing = () =>
    withoutTokenStacks(() => {
      throw new RangeError("too much");
    });
  expect(failing).toThrow(RangeError);
  expect(stackOfToken().join()).toContain("token-stacks.test");
});
