import { errorReply } from "../reply.js";
import type { GatewayCall, Supplements } from "./supplement.js";

interface TrustStatement {
  readonly Effect?: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/**
 * Refuses a role's session without the external id that its trust policy asks for: the emulator compares one that is given, and lets in what gives
 * none. Roles that were made before are the emulator's alone.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
 */
export function externalIds(): Supplements {
  const trustPolicies = new Map<string, string>();

  const remember = (parameter: string) => async (call: GatewayCall) => {
    const { form } = call.request;
    const reply = await call.ask();
    if (reply.status < 300) trustPolicies.set(form.get("RoleName") ?? "", form.get(parameter) ?? "");
    return reply;
  };

  return {
    "iam.CreateRole": remember("AssumeRolePolicyDocument"),
    "iam.UpdateAssumeRolePolicy": remember("PolicyDocument"),
    "sts.AssumeRole": async ({ operation, request: { form } }) => {
      const arn = form.get("RoleArn") ?? "";
      const policy = trustPolicies.get(arn.split("/").at(-1) ?? "");
      if (policy === undefined || isAdmitted(policy, form.get("ExternalId"))) return undefined;
      const message = `User is not authorized to perform: sts:AssumeRole on resource: ${arn}`;
      return errorReply(operation, 403, "AccessDenied", message);
    },
  };
}

function isAdmitted(policy: string, given: string | null): boolean {
  const { Statement } = JSON.parse(policy) as { Statement?: TrustStatement | TrustStatement[] };
  return [Statement ?? []].flat().some(({ Effect, Condition = {} }) => {
    const asked = [Condition["StringEquals"]?.["sts:ExternalId"] ?? []].flat();
    return Effect === "Allow" && (asked.length === 0 || (given !== null && asked.includes(given)));
  });
}
