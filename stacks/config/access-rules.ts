import { SSH_KEY_LIMITS, sshKeyProblem } from "../../agent/contract/ssh-access.js";
import type { AccessSettings } from "./access.js";
import type { DeepPartial } from "./draft.js";
import { parseCidr } from "./ipv4.js";
import { type Path, type Problem, renderValue } from "./problem.js";

/**
 * The widest range without allowFromAnywhere. Halves of the internet are refused as the whole is, and the most ranges of this width
 * that the list takes are an eighth of it.
 */
const WIDEST_BITS = 8;

/** What is wrong with `access`, which is at `path`. A key's text is never shown. Pure. */
export function accessProblems(access: DeepPartial<AccessSettings> | undefined, path: Path): Problem[] {
  if (access === undefined) return [];
  const { sshKeys = [], allowFrom = [], allowFromAnywhere = false } = access;
  return [
    ...sshKeys.flatMap((key, index) => keyProblems(key, [...path, "sshKeys", index])),
    ...sizeProblems(sshKeys, [...path, "sshKeys"]),
    ...allowFrom.flatMap((range, index) =>
      rangeProblems(range, allowFromAnywhere, [...path, "allowFrom", index]),
    ),
    ...(allowFrom.length > 0 && sshKeys.length === 0
      ? [
          {
            path: [...path, "sshKeys"],
            message:
              "is empty, but allowFrom is not: add the public keys of those who may log in, or leave allowFrom out",
          },
        ]
      : []),
  ];
}

function keyProblems(key: string | undefined, path: Path): Problem[] {
  const problem = key === undefined ? null : sshKeyProblem(key);
  return problem === null ? [] : [{ path, message: problem }];
}

function sizeProblems(keys: readonly (string | undefined)[], path: Path): Problem[] {
  const bytes = Buffer.byteLength(keys.join("\n"));
  if (bytes <= SSH_KEY_LIMITS.bytes) return [];
  const message = `take ${bytes} bytes; allowed: ${SSH_KEY_LIMITS.bytes} together. Ed25519 keys (ssh-keygen -t ed25519) are the shortest`;
  return [{ path, message }];
}

function rangeProblems(text: string | undefined, mayBeWide: boolean, path: Path): Problem[] {
  if (text === undefined) return [];
  const refuse = (allowed: string): Problem[] => [
    { path, message: `got ${renderValue(text)}; allowed: ${allowed}` },
  ];
  if (text.includes(":")) return refuse("IPv4 ranges: nodes have no IPv6 address");
  const range = parseCidr(text);
  if (range === null) {
    const alone = parseCidr(`${text}/32`);
    return refuse(
      alone === null ? "an IPv4 range such as 203.0.113.7/32" : `a range; did you mean ${text}/32?`,
    );
  }
  if (`${range}` !== text) return refuse(`the range's first address; did you mean ${range}?`);
  if (range.bitmask >= WIDEST_BITS || mayBeWide) return [];
  return refuse(
    `a range of /${WIDEST_BITS} or narrower; to let in this much of the internet, set allowFromAnywhere: true`,
  );
}
