import { expect, test } from "@jest/globals";
import { cacheFolder, isOwnAlone } from "../../../../scripts/cli/core/cache-place.js";

test.each([
  ["the user's, whom others may read", { uid: 7, mode: 0o100644 }, true],
  ["the user's, for the user alone", { uid: 7, mode: 0o40700 }, true],
  ["the user's, where the group may write", { uid: 7, mode: 0o40770 }, false],
  ["the user's, where all may write", { uid: 7, mode: 0o41702 }, false],
  ["another's", { uid: 8, mode: 0o100600 }, false],
  ["root's", { uid: 0, mode: 0o100600 }, false],
])("%s", (_whose, owned, isOwn) => expect(isOwnAlone(owned, 7)).toBe(isOwn));

const HOME = "/home/ada";
test.each([
  ["a home", { HOME }, { base: "/home/ada/.cache", above: HOME }],
  ["a folder of caches", { HOME, XDG_CACHE_HOME: "/caches" }, { base: "/caches", above: "/caches" }],
  [
    "a folder of caches that is no path",
    { HOME, XDG_CACHE_HOME: "caches" },
    { base: "/home/ada/.cache", above: HOME },
  ],
  ["no home", {}, null],
  ["a home that is no path", { HOME: "." }, null],
  ["a person who wants none", { HOME, NODE_DISABLE_COMPILE_CACHE: "1" }, null],
  ["a count of what runs", { HOME, NODE_V8_COVERAGE: "coverage" }, null],
])("where caches are kept, with %s", (_what, env, place) => expect(cacheFolder(env)).toEqual(place));
