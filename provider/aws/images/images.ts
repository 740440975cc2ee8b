import type { S3Client } from "@aws-sdk/client-s3";
import type { Images } from "../../client/image-ports.js";
import type { AwsScope } from "../scope.js";
import type { ImagesSdk } from "../sdk/parts.js";
import { type Ec2In, imageAmis } from "./ami-calls.js";
import { imageBuilders } from "./builders.js";
import { imageObjects } from "./objects.js";
import { removeUnfinished } from "./unfinished.js";
import { imageUsers } from "./users.js";

/** Images by EC2 and the org's bucket. Builders are in the provider's region. */
export function awsImages(sdk: ImagesSdk, ec2In: Ec2In, s3: S3Client, scope: AwsScope): Images {
  return {
    ...imageObjects(sdk, s3, scope),
    ...imageBuilders(sdk, ec2In(scope.region), scope),
    ...imageAmis(sdk, ec2In, scope),
    users: imageUsers(sdk, ec2In, scope),
    removeUnfinished: removeUnfinished(sdk, ec2In, scope),
  };
}
