import { errorReply, queryReply, type Reply } from "../reply.js";
import type { GatewayCall, Supplements } from "./supplement.js";

const NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/";

/**
 * IAM's simulation of a role's or a user's own policies, inline and attached, on the resources that are named, else on all. Of conditions it knows
 * StringEquals and ArnLike. A statement is passed over where a key of its condition has no value, and the key is reported as missing. An emulated account is in no organization, so no result has OrganizationsDecisionDetail.
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
export const simulation: Supplements = {
  "iam.SimulatePrincipalPolicy": async (call) => {
    const { form } = call.request;
    const [, kind, name = ""] =
      /:(role|user)\/(?:.*\/)?([^/]+)$/.exec(form.get("PolicySourceArn") ?? "") ?? [];
    if (kind === undefined) return errorReply(call.operation, 400, "InvalidInput", "Invalid PolicySourceArn");
    const found = await policiesOf(call, kind === "role" ? "Role" : "User", name);
    if (!Array.isArray(found)) return withoutLook(call, found as Reply);
    const statements = found.flatMap((text) => statementsOf(text));
    const given = listOf(form, /^ResourceArns\.member\.\d+$/);
    const asked = { resources: given.length === 0 ? ["*"] : given, context: contextOf(form) };
    const member = listOf(form, /^ActionNames\.member\.\d+$/).flatMap((action) =>
      asked.resources.map((resource) => evaluate({ action, resource, context: asked.context }, statements)),
    );
    return queryReply("SimulatePrincipalPolicy", NAMESPACE, {
      IsTruncated: false,
      EvaluationResults: { member },
    });
  },
};

/** Where the emulator checks signatures, it refuses the looks, which are not what was signed: then no one may simulate. */
const withoutLook = ({ operation }: GatewayCall, refused: Reply): Reply =>
  refused.body.includes("SignatureDoesNotMatch")
    ? errorReply(operation, 403, "AccessDenied", "not authorized to perform: iam:SimulatePrincipalPolicy")
    : refused;

interface Statement {
  readonly Effect?: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

const statementsOf = (text: string): readonly Statement[] =>
  [(JSON.parse(text) as { Statement?: Statement | Statement[] }).Statement ?? []].flat();

/** One action on one resource; the values of the condition keys by their name. */
interface Asked {
  readonly action: string;
  readonly resource: string;
  readonly context: ReadonlyMap<string, readonly string[]>;
}

const listOf = (form: URLSearchParams, name: RegExp): readonly string[] =>
  [...form].filter(([key]) => name.test(key)).map(([, value]) => value);

function contextOf(form: URLSearchParams): Asked["context"] {
  const entries = [...form].flatMap(([key, name]) => {
    const [entry] = /^ContextEntries\.member\.\d+(?=\.ContextKeyName$)/.exec(key) ?? [];
    if (entry === undefined) return [];
    const values = [...form].filter(([other]) => other.startsWith(`${entry}.ContextKeyValues.member.`));
    return [[name, values.map(([, value]) => value)] as const];
  });
  return new Map(entries);
}

function evaluate(asked: Asked, statements: readonly Statement[]) {
  const about = statements.filter((one) => isAbout(one, asked.action) && isOn(one, asked.resource));
  const holding = about.filter(({ Condition = {} }) => holds(Condition, asked.context));
  const has = (effect: Statement["Effect"]) => holding.some(({ Effect }) => Effect === effect);
  const missing = about
    .flatMap(({ Condition = {} }) => Object.values(Condition).flatMap((keys) => Object.keys(keys)))
    .filter((key) => !asked.context.has(key));
  const decision = has("Deny") ? "explicitDeny" : has("Allow") ? "allowed" : "implicitDeny";
  return {
    ...{ EvalActionName: asked.action, EvalResourceName: asked.resource, EvalDecision: decision },
    MissingContextValues: { member: [...new Set(missing)] },
  };
}

const holds = (condition: NonNullable<Statement["Condition"]>, context: Asked["context"]): boolean =>
  Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const values = context.get(key) ?? [];
      const isEqual = operator === "ArnLike" ? isLike : (one: string, other: string) => one === other;
      const isKnown = operator === "ArnLike" || operator === "StringEquals";
      return isKnown && [wanted].flat().some((one) => values.some((value) => isEqual(one, value)));
    }),
  );

function isAbout({ Action, NotAction }: Statement, action: string): boolean {
  const matches = (patterns: Statement["Action"]) =>
    [patterns ?? []].flat().some((one) => isLike(one, action));
  return NotAction === undefined ? matches(Action) : !matches(NotAction);
}

/** Of all resources, "*", a statement on some of them says nothing. */
const isOn = ({ Resource }: Statement, resource: string): boolean =>
  [Resource ?? []].flat().some((one) => isLike(one, resource));

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
