import { type Checkable, validateConfig } from "../../core/validate.js";
import { failed, toWireDiagnostics } from "../diagnostics.js";
import type { DiagnosticsResponse, TypedConfigRequest } from "../messages.js";
import { decodeConfig } from "../value.js";

/** A Validate...Config call of the kinds that `find` finds by their type name. */
export const validation =
  (find: (typeName: string) => Checkable) =>
  ({ type_name, config }: TypedConfigRequest): DiagnosticsResponse => {
    try {
      const kind = find(type_name);
      const value = decodeConfig(kind.schema, config);
      return { diagnostics: toWireDiagnostics(validateConfig(kind, value)) };
    } catch (error) {
      return failed(error, `validate ${type_name}`);
    }
  };
