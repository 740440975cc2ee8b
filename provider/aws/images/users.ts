import type { Images } from "../../client/image-ports.js";
import { callAws } from "../errors.js";
import type { AwsScope } from "../scope.js";
import type { ImagesSdk } from "../sdk/parts.js";
import { type Ec2In, ofOrg } from "./ami-calls.js";
import { allOf } from "./builders.js";

const LIVE = ["pending", "running", "shutting-down", "stopping", "stopped"];

/** Who would miss an AMI: the account's instances, and the org's launch templates by their newest and their default version. */
export const imageUsers =
  (sdk: ImagesSdk, ec2In: Ec2In, scope: AwsScope): Images["users"] =>
  (region, amiIds) => {
    const client = ec2In(region);
    const aborting = { abortSignal: scope.signal };
    const users = new Map<string, string[]>(amiIds.map((id) => [id, []]));
    const note = (id: string | undefined, user: string): void => {
      const of = users.get(id ?? "");
      if (of !== undefined && !of.includes(user)) of.push(user);
    };
    const instances = async (): Promise<void> => {
      const Filters = [
        { Name: "image-id", Values: [...amiIds] },
        { Name: "instance-state-name", Values: LIVE },
      ];
      const pages = sdk.paginateDescribeInstances({ client }, { Filters }, aborting);
      const all = await allOf(pages, ({ Reservations = [] }) =>
        Reservations.flatMap(({ Instances = [] }) => Instances),
      );
      for (const { ImageId, InstanceId = "" } of all) note(ImageId, InstanceId);
    };
    const templates = async (): Promise<void> => {
      const pages = sdk.paginateDescribeLaunchTemplates(
        { client },
        { Filters: [ofOrg(scope.org)] },
        aborting,
      );
      const all = await allOf(pages, ({ LaunchTemplates = [] }) => LaunchTemplates);
      for (const { LaunchTemplateId = "", LaunchTemplateName = "" } of all) {
        const versions = new sdk.DescribeLaunchTemplateVersionsCommand({
          LaunchTemplateId,
          Versions: ["$Default", "$Latest"],
        });
        const { LaunchTemplateVersions = [] } = await client.send(versions, aborting);
        for (const { LaunchTemplateData } of LaunchTemplateVersions)
          note(LaunchTemplateData?.ImageId, `launch template ${LaunchTemplateName}`);
      }
    };
    return callAws(
      { ...scope, region, doing: `look who uses ${amiIds.join(", ")} in ${region}` },
      async () => {
        if (amiIds.length > 0) await Promise.all([instances(), templates()]);
        return users;
      },
    );
  };
