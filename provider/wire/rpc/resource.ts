import { applyChange, planCreate, planDelete, readState, type Target } from "../../core/apply.js";
import { planResource } from "../../core/plan.js";
import { openPrivateState, type PrivateState } from "../../core/private-state.js";
import { failed, toWireDiagnostics, toWirePath } from "../diagnostics.js";
import type * as wire from "../messages.js";
import type { PluginSession } from "../session.js";
import { decodeObject, encodeObject } from "../value.js";
import { validation } from "./validation.js";

/** The life of a managed resource. Each call answers diagnostics, never an RPC error, so that no state is lost. */
export function resourceCalls<Client>(session: PluginSession<Client>) {
  return {
    ValidateResourceConfig: validation((typeName) => session.resource(typeName)),
    ReadResource: (request: wire.ReadRequest) => read(session, request),
    PlanResourceChange: (request: wire.PlanRequest) => plan(session, request),
    ApplyResourceChange: (request: wire.ApplyRequest) => apply(session, request),
  };
}

function targetOf<Client>(
  session: PluginSession<Client>,
  typeName: string,
  privateState: PrivateState,
): Target<Client> {
  const resource = session.resource(typeName);
  return { typeName, resource, client: session.client, privateState, runtime: session.runtime };
}

async function read<Client>(
  session: PluginSession<Client>,
  { type_name, current_state, private: stored }: wire.ReadRequest,
): Promise<wire.ReadResponse> {
  try {
    const privateState = openPrivateState(stored.toString("utf8"));
    const target = targetOf(session, type_name, privateState);
    const { schema } = target.resource;
    const state = decodeObject(schema, current_state);
    const outcome = state === null ? { state: null, diagnostics: [] } : await readState(target, state);
    return {
      new_state: encodeObject(schema, outcome.state),
      private: Buffer.from(privateState.stored()),
      diagnostics: toWireDiagnostics(outcome.diagnostics),
    };
  } catch (error) {
    return failed(error, `read ${type_name}`);
  }
}

async function plan<Client>(
  session: PluginSession<Client>,
  request: wire.PlanRequest,
): Promise<wire.PlanResponse> {
  const { type_name, prior_private } = request;
  try {
    const resource = session.resource(type_name);
    const { schema } = resource;
    const prior = decodeObject(schema, request.prior_state);
    const proposed = decodeObject(schema, request.proposed_new_state);
    const config = decodeObject(schema, request.config);
    const { planned, requiresReplace } = planResource(
      type_name,
      resource,
      { prior, proposed, config },
      session.settings,
    );
    const isDestroy = prior !== null && planned === null && resource.planDelete !== undefined;
    // The old object's private state comes with the plan of its replacement.
    const isNew = prior === null && prior_private.length === 0 && resource.planCreate !== undefined;
    // For a replacement, Terraform plans the new object with the old one's private state.
    const privateState = openPrivateState(prior === null ? "" : prior_private.toString("utf8"));
    const target = () => targetOf(session, type_name, privateState);
    const said = isDestroy
      ? await planDelete(target(), prior)
      : isNew && planned !== null
        ? await planCreate(target(), planned)
        : [];
    return {
      planned_state: encodeObject(schema, planned),
      requires_replace: requiresReplace.map(toWirePath),
      planned_private: Buffer.from(privateState.stored()),
      diagnostics: toWireDiagnostics(said),
    };
  } catch (error) {
    return failed(error, `plan ${type_name}`);
  }
}

async function apply<Client>(
  session: PluginSession<Client>,
  { type_name, prior_state, planned_state, config, planned_private }: wire.ApplyRequest,
): Promise<wire.ApplyResponse> {
  try {
    const { schema } = session.resource(type_name);
    const prior = decodeObject(schema, prior_state);
    const planned = decodeObject(schema, planned_state);
    const privateState = openPrivateState(planned_private.toString("utf8"));
    const outcome = await applyChange(targetOf(session, type_name, privateState), {
      prior,
      planned,
      config: decodeObject(schema, config),
    });
    return {
      new_state: encodeObject(schema, outcome.state),
      private: Buffer.from(outcome.state === null ? "" : privateState.stored()),
      diagnostics: toWireDiagnostics(outcome.diagnostics),
    };
  } catch (error) {
    // Nothing was tried. An answer without the state would make Terraform forget what exists.
    const kept = prior_state === null ? {} : { new_state: prior_state, private: planned_private };
    return { ...kept, ...failed(error, `apply ${type_name}`) };
  }
}
