import {
  DescribeInstanceAttributeCommand,
  type EC2Client,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";

/**
 * What EC2 does with instances whose own system powers them off: by the behaviour that they were launched with it stops or terminates them.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingInstanceInitiatedShutdownBehavior.html
 */
export const endInstances =
  (ec2: EC2Client) =>
  async (instanceIds: readonly string[]): Promise<void> => {
    for (const InstanceId of instanceIds) {
      const { InstanceInitiatedShutdownBehavior } = await ec2.send(
        new DescribeInstanceAttributeCommand({ InstanceId, Attribute: "instanceInitiatedShutdownBehavior" }),
      );
      const InstanceIds = [InstanceId];
      if (InstanceInitiatedShutdownBehavior?.Value === "terminate")
        await ec2.send(new TerminateInstancesCommand({ InstanceIds }));
      else await ec2.send(new StopInstancesCommand({ InstanceIds }));
    }
  };
