import { isMap, parseDocument } from "yaml";
import { type CommandError, refusal } from "./exit.js";

/** What a command writes into `account` of muster.yaml. */
export interface AccountAddition {
  readonly id?: string;
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly permissionsBoundaryArn?: string;
}

/** `account` of a muster.yaml, as far as it can be read; null: not given. Only `cdktf` checks the rest. */
export interface DeclaredAccount {
  readonly id: string | null;
  readonly roleArn: string | null;
  readonly externalId: string | null;
  readonly permissionsBoundaryArn: string | null;
  readonly region: string | null;
}

/** From the file's text; every value null where there is none. Pure. */
export function readDeclaredAccount(text: string): DeclaredAccount {
  const document = parseDocument(text, { merge: true, logLevel: "silent" });
  const file: unknown = document.errors.length > 0 ? null : document.toJS();
  const account = fieldsOf(fieldsOf(file)["account"]);
  const of = (key: keyof DeclaredAccount): string | null => {
    const value = account[key];
    return typeof value === "string" && value !== "" ? value : null;
  };
  return {
    ...{ id: of("id"), roleArn: of("roleArn"), externalId: of("externalId"), region: of("region") },
    permissionsBoundaryArn: of("permissionsBoundaryArn"),
  };
}

/**
 * The text of muster.yaml with more in `account`, comments and all else as they were; the same text where nothing is new. Throws a
 * CommandError where the file can't be changed safely. Pure.
 */
export function setAccount(text: string, addition: AccountAddition): string {
  const document = parseDocument(text, { merge: true });
  const byHand = (why: string): CommandError =>
    refusal(`muster.yaml was not changed: ${why}. Write by hand: account: ${JSON.stringify(addition)}.`);
  if (document.errors.length > 0)
    throw byHand(`it is no YAML (${document.errors[0]?.message.split("\n")[0]})`);
  if (!isMap(document.contents)) throw byHand("it is no mapping");
  const account = document.get("account");
  if (account !== undefined && account !== null && !isMap(account))
    throw byHand("account is no mapping there");
  const wanted = Object.entries(addition).filter(
    ([key, value]) => document.getIn(["account", key]) !== value,
  );
  if (wanted.length === 0) return text;
  if (!isMap(account)) document.set("account", document.createNode({}));
  for (const [key, value] of wanted) document.setIn(["account", key], document.createNode(value));
  return document.toString({ lineWidth: 0, flowCollectionPadding: !isTight(text) });
}

/** Whether the file writes mappings in one line as {name: alpha}, and not as { name: alpha }. */
const isTight = (text: string): boolean => /\{[^\s}$]/.test(text);

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
