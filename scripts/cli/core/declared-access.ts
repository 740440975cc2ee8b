import { isMap, isSeq, parseDocument } from "yaml";
import { sshKeyProblem } from "../../../agent/contract/ssh-access.js";
import { type CommandError, refusal, unusable } from "./exit.js";

/** What is added to a cluster's `access` in muster.yaml. */
export interface AccessAddition {
  /** IPv4 ranges. */
  readonly allowFrom: readonly string[];
  /** Public keys. */
  readonly sshKeys: readonly string[];
}

/**
 * The text of muster.yaml with more in a cluster's `access`, comments and all else as they were; the same text where nothing is new.
 * Throws a CommandError where the file can't be changed safely. Pure.
 */
export function addAccess(text: string, clusterName: string, addition: AccessAddition): string {
  const document = parseDocument(text, { merge: true });
  const byHand = (why: string): CommandError =>
    refusal(`muster.yaml was not changed: ${why}. Change it by hand.`);
  if (document.errors.length > 0)
    throw byHand(`it is no YAML (${document.errors[0]?.message.split("\n")[0]})`);
  const clusters = document.get("clusters");
  const index = isSeq(clusters)
    ? clusters.items.findIndex((item) => isMap(item) && item.get("name") === clusterName)
    : -1;
  if (index === -1) throw byHand(`it declares no cluster ${clusterName} of its own`);
  const at = ["clusters", index, "access"];
  const js = document.toJS() as { clusters: { access?: unknown }[] };
  if (js.clusters[index]?.access !== undefined && !isMap(document.getIn(at)))
    throw byHand(`the access of ${clusterName} comes from an anchor`);
  let hasChanged = false;
  for (const [key, values] of Object.entries(addition) as [keyof AccessAddition, readonly string[]][])
    for (const value of values) {
      const list = document.getIn([...at, key]);
      if (list !== undefined && !isSeq(list)) throw byHand(`${key} of ${clusterName} is no list there`);
      if (isSeq(list) && (list.toJSON() as unknown[]).includes(value)) continue;
      if (isSeq(list)) list.add(value);
      else document.setIn([...at, key], document.createNode([value]));
      hasChanged = true;
    }
  return hasChanged ? document.toString({ lineWidth: 0, flowCollectionPadding: !isTight(text) }) : text;
}

/** Whether the file writes mappings in one line as {name: alpha}, and not as { name: alpha }. */
const isTight = (text: string): boolean => /\{[^\s}$]/.test(text);

/** The public key in a file's text. Throws a CommandError that does not repeat it. Pure. */
export function readPublicKey(text: string, path: string): string {
  const key = text.replace(/\r?\n$/, "");
  const problem = sshKeyProblem(key);
  if (problem !== null) throw unusable([`--add-key ${path}: it ${problem}`]);
  return key;
}
