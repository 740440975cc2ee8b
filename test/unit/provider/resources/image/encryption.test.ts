import { expect, test } from "@jest/globals";
import { encryptionIn } from "../../../../../provider/resources/image/state.js";

const keys = { "us-east-1": "alias/ours" };

test.each<[string, boolean, Record<string, string> | null, string, string | null]>([
  ["by none of ours where it is not asked for", false, keys, "us-east-1", null],
  ["with the key that is given for the region", true, keys, "us-east-1", "alias/ours"],
  ["with the account's own where none is given for the region", true, keys, "eu-west-1", "default"],
  ["with the account's own where no key is given", true, null, "us-east-1", "default"],
])("disks are encrypted %s", (_name, encrypted, kms_key_ids, region, expected) => {
  expect(encryptionIn(region, { encrypted, kms_key_ids })).toBe(expected);
});
