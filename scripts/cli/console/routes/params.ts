import { Type } from "@sinclair/typebox";
import { NAME_PATTERN, UUID_PATTERN } from "../../../../agent/contract/names.js";

/** Parameters of paths, and bodies, as the routes check them. */
export const CLUSTER_PARAMS = Type.Object({ uuid: Type.String({ pattern: UUID_PATTERN }) });
export const JOB_PARAMS = Type.Object({
  uuid: Type.String({ pattern: UUID_PATTERN }),
  id: Type.String({ pattern: "^[A-Za-z0-9_-]{1,100}$" }),
});
export const NAME_PARAMS = Type.Object({ name: Type.String({ pattern: NAME_PATTERN }) });

/** A whole number in a query's text. */
export const COUNT = Type.String({ pattern: "^\\d{1,15}$" });
