import { Type } from "@sinclair/typebox";

/** The keys of a network that the company has already. All absent: the org gets a network of its own. */
export const existingNetwork = {
  vpcId: Type.Optional(
    Type.String({
      pattern: "^vpc-[0-9a-f]{8,17}$",
      description:
        "an existing VPC, instead of one of the org's own; it needs DNS support and DNS host names",
      examples: ["vpc-0123456789abcdef0"],
    }),
  ),
  subnetIds: Type.Optional(
    Type.Array(
      Type.String({ pattern: "^subnet-[0-9a-f]{8,17}$", description: "the id of a private subnet of vpcId" }),
      {
        minItems: 1,
        maxItems: 2,
        uniqueItems: true,
        description:
          "needed with vpcId: the subnet of zone 1, and that of zone 2, in different availability zones, with a way out",
        examples: [["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]],
      },
    ),
  ),
  endpointRouteTableIds: Type.Optional(
    Type.Array(
      Type.String({ pattern: "^rtb-[0-9a-f]{8,17}$", description: "the id of a route table of vpcId" }),
      {
        minItems: 1,
        maxItems: 10,
        uniqueItems: true,
        description:
          "with vpcId only: route tables that get gateway endpoints for S3 and DynamoDB; default: the VPC stays as it is",
        examples: [["rtb-0123456789abcdef0"]],
      },
    ),
  ),
} as const;

/** Whether the network has gateway endpoints, as far as is known: a network that is the company's has those of its own beside. */
export const hasEndpoints = ({
  vpcId,
  endpointRouteTableIds,
}: {
  readonly vpcId?: string;
  readonly endpointRouteTableIds?: readonly string[];
}): boolean => vpcId === undefined || endpointRouteTableIds !== undefined;
