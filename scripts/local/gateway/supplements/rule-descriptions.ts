import { escapeXml } from "../reply.js";
import type { GatewayCall, Supplements } from "./supplement.js";

/** The request's parameter for a rule about another group: the emulator keeps descriptions of rules about addresses alone. */
const DESCRIPTION = "IpPermissions.1.Groups.1.Description";
const RULE_ID = /<securityGroupRuleId>([^<]+)<\/securityGroupRuleId>/g;

/** Descriptions of security groups' rules about other groups, which the emulator takes and does not give back. */
export function ruleDescriptions(): Supplements {
  const descriptions = new Map<string, string>();

  async function authorize({ request, ask }: GatewayCall) {
    const reply = await ask();
    const description = request.form.get(DESCRIPTION);
    if (description === null) return reply;
    for (const [, id = ""] of reply.body.matchAll(RULE_ID)) descriptions.set(id, description);
    return reply;
  }

  return {
    "ec2.AuthorizeSecurityGroupIngress": authorize,
    "ec2.AuthorizeSecurityGroupEgress": authorize,
    async "ec2.DescribeSecurityGroupRules"({ ask }) {
      const reply = await ask();
      const body = reply.body.replace(RULE_ID, (element, id: string) => {
        const description = descriptions.get(id);
        return description === undefined
          ? element
          : `${element}<description>${escapeXml(description)}</description>`;
      });
      return { ...reply, body };
    },
  };
}
