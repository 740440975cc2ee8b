import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { errorReply } from "../../scripts/local/gateway/reply.js";
import type { GatewayCall, Supplements } from "../../scripts/local/gateway/supplements/supplement.js";

const FORMAT_FIELDS = [
  ...["version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport"],
  ...["protocol", "packets", "bytes", "start", "end", "action", "log-status"],
];
/** AWS's defaults. */
const FLOW_LOG_DEFAULTS = `<maxAggregationInterval>600</maxAggregationInterval><logFormat>${FORMAT_FIELDS.map((field) => `\${${field}}`).join(" ")}</logFormat>`;

/** Where the second emulator answers otherwise than AWS and our code relies on AWS's answer. */
export function ministackSupplements(emulatorPort: number): Supplements {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const ssmOf = (region: string) =>
    new SSMClient({ endpoint: `http://127.0.0.1:${emulatorPort}`, region, credentials, maxAttempts: 1 });

  return {
    /** It gives the time of a dashboard's last change as a text; AWS's JSON has seconds, and its SDK reads nothing else. */
    async "monitoring.ListDashboards"({ ask }: GatewayCall) {
      const reply = await ask();
      const { DashboardEntries = [], ...rest } = JSON.parse(reply.body) as {
        readonly DashboardEntries?: readonly { readonly LastModified?: string | number }[];
      };
      const entries = DashboardEntries.map(({ LastModified = 0, ...entry }) => ({
        ...entry,
        LastModified: new Date(LastModified).getTime() / 1_000,
      }));
      return { ...reply, body: JSON.stringify({ ...rest, DashboardEntries: entries }) };
    },

    /** It leaves out a flow log's interval and format, which AWS always gives: each plan would make the log anew. */
    async "ec2.DescribeFlowLogs"({ ask }: GatewayCall) {
      const reply = await ask();
      const body = reply.body.replaceAll("<creationTime>", `${FLOW_LOG_DEFAULTS}<creationTime>`);
      return { ...reply, body };
    },

    /** Of a parameter that is missing it lists no tags; AWS refuses with InvalidResourceId, by which a lost secret is found. */
    async "ssm.ListTagsForResource"({ operation, body }: GatewayCall) {
      const { ResourceId } = JSON.parse(body.toString()) as { readonly ResourceId: string };
      const ssm = ssmOf(operation.region);
      try {
        await ssm.send(new GetParameterCommand({ Name: ResourceId }));
        return undefined;
      } catch (error) {
        if (!(error instanceof Error) || error.name !== "ParameterNotFound") throw error;
        return errorReply(operation, 400, "InvalidResourceId", `There is no parameter ${ResourceId}.`);
      } finally {
        ssm.destroy();
      }
    },
  };
}
