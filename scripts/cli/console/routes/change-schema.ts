import { type TSchema, Type } from "@sinclair/typebox";
import type { Change } from "../api.js";

const Name = Type.String({ minLength: 1, maxLength: 100 });
/** Its keys and values are checked as muster.yaml's are. */
const Values = Type.Record(Type.String({ maxLength: 100 }), Type.Unknown(), { maxProperties: 100 });

const kind = (name: Change["kind"], properties: Readonly<Record<string, TSchema>>) =>
  Type.Object({ kind: Type.Literal(name), ...properties }, { additionalProperties: false });

/** A Change as the page sends it. */
export const CHANGE = Type.Unsafe<Change>(
  Type.Union([
    kind("add-cluster", { cluster: Values }),
    kind("set-cluster", { name: Name, values: Values }),
    kind("remove-cluster", { name: Name }),
    kind("add-notebook", { cluster: Name, notebook: Values }),
    kind("remove-notebook", { cluster: Name, name: Name }),
    kind("add-definition", { cluster: Name, definition: Values }),
    kind("remove-definition", { cluster: Name, name: Name }),
  ]),
);
