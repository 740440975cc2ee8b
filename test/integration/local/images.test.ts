import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeImagesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { expect, test } from "@jest/globals";
import { TAG } from "../../../agent/contract/names.js";
import { imageIdOf, renderImages } from "../../../scripts/local/emulator/images.js";
import { startEmulator } from "../../../scripts/local/emulator/start.js";

test("the node image is an AMI of our own, found by its family, with what the stacks check", async () => {
  const folder = await mkdtemp(join(tmpdir(), "muster-images-"));
  const imagesFile = join(folder, "images.json");
  await writeFile(imagesFile, renderImages("0123456789abcdef"));
  const emulator = await startEmulator({ imagesFile });
  try {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const ec2 = new EC2Client({ endpoint: emulator.url, region: "us-east-1", credentials });
    const Filters = [{ Name: `tag:${TAG.IMAGE}`, Values: ["mpi"] }];
    const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ["self"], Filters }));
    expect(Images).toMatchObject([
      {
        ImageId: imageIdOf("0123456789abcdef"),
        Architecture: "x86_64",
        RootDeviceName: "/dev/xvda",
        RootDeviceType: "ebs",
        State: "available",
      },
    ]);
  } finally {
    await emulator.stop();
    await rm(folder, { recursive: true });
  }
});
