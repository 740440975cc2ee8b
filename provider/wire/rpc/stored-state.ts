import { failure } from "../../core/diagnostic.js";
import { moveState } from "../../core/move.js";
import { openPrivateState } from "../../core/private-state.js";
import type { RawState } from "../../core/resource.js";
import { upgradeState } from "../../core/upgrade.js";
import type { ObjectValue } from "../../core/value.js";
import { failed } from "../diagnostics.js";
import type * as wire from "../messages.js";
import type { PluginSession } from "../session.js";
import { encodeObject, objectFromJson, stateFromJson } from "../value.js";

/** States from elsewhere: an older version, another type, an import's id. Nothing here needs AWS. */
export function storedStateCalls<Client>(session: PluginSession<Client>) {
  return {
    UpgradeResourceState: (request: wire.UpgradeRequest) => upgrade(session, request),
    MoveResourceState: (request: wire.MoveRequest) => move(session, request),
    ImportResourceState: (request: wire.ImportRequest) => importState(session, request),
  };
}

function upgrade<Client>(
  session: PluginSession<Client>,
  { type_name, version, raw_state }: wire.UpgradeRequest,
): wire.UpgradeResponse {
  try {
    const resource = session.resource(type_name);
    const raw = rawState(raw_state);
    if (raw === null) return { upgraded_state: encodeObject(resource.schema, null), diagnostics: [] };
    const current = objectFromJson(resource.schema, upgradeState(type_name, resource, version, raw));
    return { upgraded_state: encodeObject(resource.schema, current), diagnostics: [] };
  } catch (error) {
    return failed(error, `read the stored state of ${type_name}`);
  }
}

function move<Client>(session: PluginSession<Client>, request: wire.MoveRequest): wire.MoveResponse {
  const { source_type_name, target_type_name } = request;
  try {
    const resource = session.resource(target_type_name);
    const moved = moveState(target_type_name, resource, {
      typeName: source_type_name,
      providerAddress: request.source_provider_address,
      schemaVersion: request.source_schema_version,
      state: rawState(request.source_state) ?? {},
    });
    const target = encodeObject(resource.schema, objectFromJson(resource.schema, moved));
    return { target_state: target, diagnostics: [] };
  } catch (error) {
    return failed(error, `move ${source_type_name} to ${target_type_name}`);
  }
}

function importState<Client>(
  session: PluginSession<Client>,
  { type_name, id }: wire.ImportRequest,
): wire.ImportResponse {
  try {
    const resource = session.resource(type_name);
    if (resource.import === undefined) {
      throw failure(
        "import-unsupported",
        `${type_name} can't be imported`,
        "It has no identity outside of Terraform.",
      );
    }
    const privateState = openPrivateState("");
    const state = encodeObject(resource.schema, resource.import(id, privateState) as ObjectValue);
    const stored = Buffer.from(privateState.stored());
    return { imported_resources: [{ type_name, state, private: stored }], diagnostics: [] };
  } catch (error) {
    return failed(error, `import ${type_name} ${id}`);
  }
}

/** Null where there is none. */
function rawState(stored: wire.StoredState | null): RawState | null {
  if (stored === null) return null;
  const { json, flatmap } = stored;
  if (json.length > 0) return stateFromJson(json);
  if (Object.keys(flatmap).length === 0) return null;
  throw failure(
    "state-too-old",
    "The state is too old",
    "Terraform 0.11 or older wrote it. Apply it once with Terraform 0.12 and its provider of that time, then go on from there.",
  );
}
