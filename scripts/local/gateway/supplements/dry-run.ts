import { errorReply, type Reply } from "../reply.js";
import type { GatewayCall, Supplements } from "./supplement.js";

/**
 * RunInstances with DryRun, which the emulator answers with success for any type and image. `others` answer launches. In EC2's order:
 * rights, then what is asked for.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export const dryRuns = (others: Supplements): Supplements => ({
  "ec2.RunInstances": async (call) => {
    if (call.request.form.get("DryRun") !== "true") return others["ec2.RunInstances"]?.(call);
    const reply = await call.ask();
    if (/<Code>(AccessDenied|UnauthorizedOperation)</.test(reply.body)) {
      const message = "You are not authorized to perform this operation.";
      return errorReply(call.operation, 403, "UnauthorizedOperation", message);
    }
    return (await refusal(call)) ?? reply;
  },
  /** The account has not chosen a key of its own for EBS. */
  "ec2.GetEbsDefaultKmsKeyId": async ({ ask }) => {
    const reply = await ask();
    return reply.status < 500 ? reply : ebsKey(reply);
  },
});

function ebsKey(reply: Reply): Reply {
  const body =
    '<GetEbsDefaultKmsKeyIdResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><kmsKeyId>alias/aws/ebs</kmsKeyId></GetEbsDefaultKmsKeyIdResponse>';
  return { ...reply, status: 200, headers: { "content-type": "text/xml; charset=utf-8" }, body };
}

/** The error that a launch would have; undefined: it would work. */
async function refusal(call: GatewayCall): Promise<Reply | undefined> {
  const { form } = call.request;
  const refuse = (code: string, message: string) => errorReply(call.operation, 400, code, message);
  const [imageId = "", type = ""] = [form.get("ImageId") ?? "", form.get("InstanceType") ?? ""];
  const image = await look(call, { Action: "DescribeImages", "ImageId.1": imageId });
  if (!image.includes(`<imageId>${imageId}</imageId>`))
    return refuse("InvalidAMIID.NotFound", `The image id '[${imageId}]' does not exist`);
  const ofType = { "Filter.1.Name": "instance-type", "Filter.1.Value.1": type };
  const offered = await look(call, {
    ...{ Action: "DescribeInstanceTypeOfferings", LocationType: "availability-zone" },
    ...ofType,
  });
  const zones = valuesOf(offered, "location");
  if (zones.length === 0) return refuse("InvalidParameterValue", `Invalid value '${type}' for InstanceType.`);
  const [zone = ""] = valuesOf(
    await look(call, { Action: "DescribeSubnets", "SubnetId.1": form.get("SubnetId") ?? "" }),
    "availabilityZone",
  );
  if (!zones.includes(zone)) {
    const elsewhere = zones.join(", ");
    const message = `Your requested instance type (${type}) is not supported in your requested Availability Zone (${zone}). Please retry your request by not specifying an Availability Zone or choosing ${elsewhere}.`;
    return refuse("Unsupported", message);
  }
  const [architecture = ""] = valuesOf(image, "architecture");
  const info = await look(call, { Action: "DescribeInstanceTypes", ...ofType });
  const [supported = ""] = /<supportedArchitectures>.*?<\/supportedArchitectures>/s.exec(info) ?? [];
  if (architecture === "" || supported.includes(architecture)) return undefined;
  const own = valuesOf(supported, "item").join(", ");
  const message = `The architecture '${own}' of the specified instance type does not match the architecture '${architecture}' of the specified AMI.`;
  return refuse("InvalidParameterValue", message);
}

/** What the emulator answers to another call of EC2's. */
async function look(call: GatewayCall, parameters: Readonly<Record<string, string>>): Promise<string> {
  const body = new URLSearchParams({ Version: "2016-11-15", ...parameters });
  return (await call.ask({ body: Buffer.from(body.toString()) })).body;
}

const valuesOf = (xml: string, element: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"))].map(([, value = ""]) => value);
