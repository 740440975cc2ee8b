import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AutoScalingClient, CreateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { CreateAccessPointCommand, CreateFileSystemCommand, EFSClient } from "@aws-sdk/client-efs";
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { JOB_USER } from "../../agent/contract/node-accounts.js";
import { buildImage } from "../../scripts/image/build.js";
import { BASE_IMAGE_ID } from "../../scripts/local/emulator/images.js";
import { type RunningEmulator, startEmulator } from "../../scripts/local/emulator/start.js";
import { type RunningGateway, startGateway } from "../../scripts/local/gateway/server.js";
import { type CloudObserver, createObserver } from "../../scripts/local/hosts/aws/observe.js";
import { type CloudPlaces, cloudPlaces } from "../../scripts/local/hosts/cloud.js";
import { inNode } from "../../scripts/local/hosts/exec.js";
import { createHosts, type Hosts } from "../../scripts/local/hosts/hosts.js";
import { createHostImages } from "../../scripts/local/hosts/system/images.js";
import { nodePlaces } from "../../scripts/local/hosts/system/node.js";
import { startLan } from "../../scripts/local/lan/start.js";

const PROJECT = join(__dirname, "../..");
const REGION = "us-east-1";
const USER_DATA = "#!/bin/sh\necho user data ran as $(id -un)\necho once >>/root/user-data-runs\n";

/** IAM takes no policy without a statement, and gives no session that none allows. */
const TRUSTS_EC2 = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** A local cloud without the daemon: emulator, gateway, LAN and hosts, driven by the test itself. */
export interface HostsCloud {
  readonly places: CloudPlaces;
  readonly ec2: EC2Client;
  readonly efs: EFSClient;
  readonly scaling: AutoScalingClient;
  readonly hosts: Hosts;
  readonly observer: CloudObserver;
  /** Ends emulator and gateway; nodes and LAN stay. */
  stopServices(): Promise<void>;
}

/** Starts everything but nodes. Sweep the cloud afterwards, also when this fails. */
export async function startHostsCloud(name: string): Promise<HostsCloud> {
  const places = cloudPlaces(name);
  const image = await buildImage(PROJECT, console.log);
  mkdirSync(places.folder, { recursive: true });
  const emulator: RunningEmulator = await startEmulator();
  const gatewaySocket = join(places.folder, "gateway.sock");
  const gateway: RunningGateway = await startGateway({
    emulatorPort: emulator.port,
    socketPath: gatewaySocket,
    consoleLogPath: (id) => nodePlaces(places, id).consoleLog,
    log: () => undefined,
  });
  const stopServices = async (): Promise<void> => {
    await gateway.stop();
    await emulator.stop();
  };
  const config = {
    endpoint: gateway.url,
    region: REGION,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const ec2 = new EC2Client(config);
  const efs = new EFSClient(config);
  const images = createHostImages({
    cloud: places,
    plainId: BASE_IMAGE_ID,
    preparePlain: () => Promise.reject(new Error("no test of the hosts boots a plain Debian")),
  });
  const hosts = createHosts({
    images,
    cloud: places,
    nodeScripts: join(PROJECT, "scripts/local/hosts/node"),
    squashfs: image.squashfs,
    writeAgent: async () => undefined,
  });
  await hosts.prepare();
  const logFile = join(places.folder, "lan.log");
  const sockets = { gatewaySocket, proxySocket: join(places.folder, "no-proxy.sock") };
  await startLan({ cloud: places, projectFolder: PROJECT, ...sockets, region: REGION, logFile });
  const scaling = new AutoScalingClient(config);
  await createRole(new IAMClient(config));
  return { places, ec2, efs, scaling, hosts, observer: createObserver({ ec2, efs }), stopServices };
}

async function createRole(iam: IAMClient): Promise<void> {
  await iam.send(new CreateRoleCommand({ RoleName: "node", AssumeRolePolicyDocument: TRUSTS_EC2 }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "node-profile" }));
  const link = { InstanceProfileName: "node-profile", RoleName: "node" };
  await iam.send(new AddRoleToInstanceProfileCommand(link));
}

/** A fleet as a cluster has it: launch template with profile and user data, and an Auto Scaling group. */
export async function createFleet({ ec2, scaling }: HostsCloud, nodes: number): Promise<void> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.7.0.0/16" }));
  const { Subnet } = await ec2.send(
    new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: "10.7.1.0/24", AvailabilityZone: `${REGION}a` }),
  );
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: "node",
      LaunchTemplateData: {
        ImageId: "ami-12345678",
        InstanceType: "c5.xlarge",
        IamInstanceProfile: { Name: "node-profile" },
        UserData: Buffer.from(USER_DATA).toString("base64"),
      },
    }),
  );
  await scaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: "fleet",
      LaunchTemplate: { LaunchTemplateName: "node", Version: "$Latest" },
      MinSize: 0,
      MaxSize: nodes,
      DesiredCapacity: nodes,
      VPCZoneIdentifier: Subnet?.SubnetId,
      Tags: [{ Key: "colour", Value: "green", PropagateAtLaunch: true }],
    }),
  );
}

/** An encrypted file system with an access point of the job user's; their ids. */
export async function createShared({
  efs,
}: HostsCloud): Promise<{ fileSystem: string; accessPoint: string }> {
  const { FileSystemId } = await efs.send(new CreateFileSystemCommand({ CreationToken: "shared" }));
  const { AccessPointId } = await efs.send(
    new CreateAccessPointCommand({
      FileSystemId,
      ClientToken: "shared",
      RootDirectory: {
        Path: "/org",
        CreationInfo: { OwnerUid: JOB_USER.uid, OwnerGid: JOB_USER.gid, Permissions: "0755" },
      },
    }),
  );
  return { fileSystem: FileSystemId ?? "", accessPoint: AccessPointId ?? "" };
}

/** How a program in a node ended. */
export interface NodeRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a shell script as root in the instance's node, to its end; 60 s at most. */
export function runInNode(places: CloudPlaces, instanceId: string, script: string): Promise<NodeRun> {
  const command = inNode(places, instanceId, ["/bin/sh", "-c", script]);
  const [program, ...args] = command.argv;
  const options = { env: { ...command.env }, timeout: 60_000 };
  return new Promise((resolve) => {
    const child = execFile(program, args, options, (_error, stdout, stderr) =>
      resolve({ exitCode: child.exitCode, stdout: stdout.trim(), stderr: stderr.trim() }),
    );
  });
}
