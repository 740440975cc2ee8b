import { errorReply } from "../reply.js";
import type { GatewayCall, Supplements } from "./supplement.js";

/** The emulator can store and read EFS file system policies, but not delete them: this keeps which were deleted. */
export function fileSystemPolicies(): Supplements {
  const deleted = new Set<string>();
  const fileSystemOf = (call: GatewayCall): string => call.request.url.split("/")[3] ?? "";
  return {
    "elasticfilesystem.PutFileSystemPolicy": async (call) => {
      deleted.delete(fileSystemOf(call));
      return undefined;
    },
    "elasticfilesystem.DescribeFileSystemPolicy": async (call) =>
      deleted.has(fileSystemOf(call))
        ? errorReply(call.operation, 404, "PolicyNotFound", `${fileSystemOf(call)} has no policy.`)
        : undefined,
    "elasticfilesystem.DeleteFileSystemPolicy": async (call) => {
      const policy = await call.ask({ method: "GET", body: Buffer.alloc(0) });
      if (policy.status !== 200) return policy;
      deleted.add(fileSystemOf(call));
      return { status: 200, headers: {}, body: "" };
    },
  };
}
