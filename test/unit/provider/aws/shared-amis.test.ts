import { expect, test } from "@jest/globals";
import { sharedAmi } from "../../../../provider/aws/images/amis.js";

const BAKE = "1f3a9c2b";
const of = { ownerOrg: "demo", family: "mpi" };

test.each([
  ["of the family", `muster-demo-mpi-1.4.0-${BAKE}`, `mpi-1.4.0-${BAKE}`],
  ["of another family that begins alike", `muster-demo-mpi-gpu-1.4.0-${BAKE}`, undefined],
  ["that is no bake's", "muster-demo-mpi-golden", undefined],
  ["without a name", undefined, undefined],
])("another account's AMI %s: %s", (_what, Name, image) => {
  const ami = {
    ImageId: "ami-1",
    State: "available",
    CreationDate: "2026-11-27T00:00:00.000Z",
    ...(Name === undefined ? {} : { Name }),
  } as const;
  expect(sharedAmi(ami, "us-east-1", of)?.image).toBe(image);
});
