import { expect, test } from "@jest/globals";
import { UNKNOWN } from "../../../../../provider/core/value.js";
import { imageResource } from "../../../../../provider/resources/image/resource.js";
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

const SHARED = { encrypted: true, accounts: ["222222222222"], kms_key_ids: null, regions: null };
test.each<[string, object, string[][]]>([
  ["that is shared needs keys of one's own", {}, [["kms_key_ids"]]],
  ["that is shared in several regions needs them too", { regions: ["us-west-2"] }, [["kms_key_ids"]]],
  ["with keys has them", { kms_key_ids: keys }, []],
  ["whose keys are not known yet may have them", { kms_key_ids: UNKNOWN }, []],
  ["whose regions are not known yet is judged later", { regions: UNKNOWN }, []],
  ["that nobody else has needs none", { accounts: null }, []],
  ["that no account has needs none", { accounts: [] }, []],
  ["whose accounts are not known yet is judged later", { accounts: UNKNOWN }, []],
  ["that is not encrypted needs none", { encrypted: false }, []],
  ["of which that is not known yet is judged later", { encrypted: UNKNOWN }, []],
])("an encrypted image %s", (_name, change, paths) => {
  const problems = imageResource.validate?.({ ...SHARED, ...change } as never) ?? [];
  expect(problems.map(({ path }) => path)).toEqual(paths);
});
