import { errorReply, queryReply, type Reply } from "../reply.js";
import type { GatewayCall, Supplements } from "./supplement.js";

const NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/";

/**
 * IAM's simulation of a role's or a user's own policies, inline and attached, on all resources. Conditions are not evaluated: a
 * statement that has one is passed over, and the keys of its conditions are reported as missing, as IAM does for keys without a value.
 * An emulated account is in no organization, so no result has OrganizationsDecisionDetail.
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
export const simulation: Supplements = {
  "iam.SimulatePrincipalPolicy": async (call) => {
    const { form } = call.request;
    const [, kind, name = ""] =
      /:(role|user)\/(?:.*\/)?([^/]+)$/.exec(form.get("PolicySourceArn") ?? "") ?? [];
    if (kind === undefined) return errorReply(call.operation, 400, "InvalidInput", "Invalid PolicySourceArn");
    const found = await policiesOf(call, kind === "role" ? "Role" : "User", name);
    if (!Array.isArray(found)) return found as Reply;
    const statements = found.flatMap((text) => statementsOf(text));
    const member = [...form]
      .filter(([key]) => key.startsWith("ActionNames.member."))
      .map(([, action]) => evaluate(action, statements));
    return queryReply("SimulatePrincipalPolicy", NAMESPACE, {
      IsTruncated: false,
      EvaluationResults: { member },
    });
  },
};

interface Statement {
  readonly Effect?: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, object>>;
}

const statementsOf = (text: string): readonly Statement[] =>
  [(JSON.parse(text) as { Statement?: Statement | Statement[] }).Statement ?? []].flat();

function evaluate(action: string, statements: readonly Statement[]) {
  const ofAction = statements.filter((one) => isAbout(one, action) && isOnAll(one));
  const sure = ofAction.filter(({ Condition }) => Condition === undefined);
  const has = (effect: Statement["Effect"]) => sure.some(({ Effect }) => Effect === effect);
  const missing = ofAction.flatMap(({ Condition = {} }) =>
    Object.values(Condition).flatMap((keys) => Object.keys(keys)),
  );
  const decision = has("Deny") ? "explicitDeny" : has("Allow") ? "allowed" : "implicitDeny";
  return {
    ...{ EvalActionName: action, EvalResourceName: "*", EvalDecision: decision },
    MissingContextValues: { member: [...new Set(missing)] },
  };
}

function isAbout({ Action, NotAction }: Statement, action: string): boolean {
  const matches = (patterns: Statement["Action"]) =>
    [patterns ?? []].flat().some((one) => isLike(one, action));
  return NotAction === undefined ? matches(Action) : !matches(NotAction);
}

/** The simulated resource is "*": a statement on some resources says nothing of it. */
const isOnAll = ({ Resource }: Statement): boolean => [Resource ?? []].flat().includes("*");

function isLike(pattern: string, action: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "i").test(action);
}

/** The texts of a principal's policies; the emulator's refusal, where it has no such principal. */
async function policiesOf(
  call: GatewayCall,
  kind: "Role" | "User",
  name: string,
): Promise<readonly string[] | Reply> {
  const own = { [`${kind}Name`]: name };
  const inline = await look(call, `List${kind}Policies`, own);
  if (inline.status >= 300) return inline;
  const attached = await look(call, `ListAttached${kind}Policies`, own);
  const texts = valuesOf(inline.body, "member").map(async (PolicyName) =>
    documentOf(await look(call, `Get${kind}Policy`, { ...own, PolicyName }), "PolicyDocument"),
  );
  const managed = valuesOf(attached.body, "PolicyArn").map(async (PolicyArn) => {
    const policy = await look(call, "GetPolicy", { PolicyArn });
    const [VersionId = "v1"] = valuesOf(policy.body, "DefaultVersionId");
    return documentOf(await look(call, "GetPolicyVersion", { PolicyArn, VersionId }), "Document");
  });
  return Promise.all([...texts, ...managed]);
}

const look = (
  call: GatewayCall,
  Action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Reply> =>
  call.ask({
    body: Buffer.from(new URLSearchParams({ Action, Version: "2010-05-08", ...parameters }).toString()),
  });

/** IAM gives policies URL-encoded, within XML. */
function documentOf({ body }: Reply, element: string): string {
  const [text = "{}"] = valuesOf(body, element);
  const plain = text.replaceAll("&quot;", '"').replaceAll("&#34;", '"').replaceAll("&amp;", "&");
  return plain.trimStart().startsWith("{") ? plain : decodeURIComponent(plain);
}

const valuesOf = (xml: string, element: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"))].map(([, value = ""]) => value);
