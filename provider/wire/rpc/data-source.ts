import { readDataSource } from "../../core/data-source.js";
import { failed, toWireDiagnostics } from "../diagnostics.js";
import type { DataResponse, TypedConfigRequest } from "../messages.js";
import type { PluginSession } from "../session.js";
import { decodeConfig, encodeObject } from "../value.js";
import { validation } from "./validation.js";

/** Data sources: ValidateDataResourceConfig, ReadDataSource. */
export function dataSourceCalls<Client>(session: PluginSession<Client>) {
  return {
    ValidateDataResourceConfig: validation((typeName) => session.dataSource(typeName)),

    ReadDataSource: async ({ type_name, config }: TypedConfigRequest): Promise<DataResponse> => {
      try {
        const source = session.dataSource(type_name);
        const asked = decodeConfig(source.schema, config);
        const context = { ...session.runtime, client: session.client };
        const { value, diagnostics } = await readDataSource(type_name, source, asked, context);
        return {
          ...(value === null ? {} : { state: encodeObject(source.schema, value) }),
          diagnostics: toWireDiagnostics(diagnostics),
        };
      } catch (error) {
        return failed(error, `read ${type_name}`);
      }
    },
  };
}
