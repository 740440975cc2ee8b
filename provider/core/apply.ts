import { answered } from "./answer.js";
import { type Diagnostic, diagnosticsOf, diagnosticsOnce } from "./diagnostic.js";
import { poll } from "./poll.js";
import type { PrivateState } from "./private-state.js";
import type { AnyResource, Context } from "./resource.js";
import type { Runtime } from "./runtime.js";
import { allAttributes } from "./schema.js";
import { redactedDiagnostics, redactedRuntime, redactorOf } from "./secrets.js";
import type { Config, Schema, State } from "./types.js";
import { type ObjectValue, objectWithUnknownsNulled, type Value } from "./value.js";

/** What is known after an action, successful or not. A null state = there is nothing. */
export interface Outcome {
  readonly state: ObjectValue | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** One existing or future object of a resource type, in a configured provider. */
export interface Target<Client> {
  readonly typeName: string;
  readonly resource: AnyResource<Client>;
  readonly client: Client;
  readonly privateState: PrivateState;
  readonly runtime: Runtime;
}

/** The requested change of a resource, from `prior` to `planned`; null = there is nothing. */
export interface PlannedChange {
  readonly prior: ObjectValue | null;
  readonly planned: ObjectValue | null;
  /** The user's configuration: only it has write-only values. Null for a delete. */
  readonly config: ObjectValue | null;
}

/**
 * Creates, updates or deletes. Never throws an action's error: the outcome then has the last known state, so that nothing that
 * exists is lost. After a failed create, Terraform marks the object "tainted" if there is a state; without one, nothing exists.
 */
export async function applyChange<Client>(
  target: Target<Client>,
  { prior, planned, config }: PlannedChange,
): Promise<Outcome> {
  if (planned === null) return prior === null ? { state: null, diagnostics: [] } : applyDelete(target, prior);
  const plan = objectWithUnknownsNulled(planned);
  const { resource } = target;
  const asked = { ...plan, ...writeOnlyValues(resource.schema, config ?? {}) };
  const verb = prior === null ? "create" : "update";
  // After a failed update the prior values stay, so that the next plan shows the difference again.
  const known = { lost: prior, base: prior ?? plan, given: [asked, prior ?? {}] };
  return attempt(target, verb, known, async (context) => {
    const computed =
      prior === null
        ? await resource.create(asState(asked), context)
        : {
            ...(await resource.update(asState(asked), asState(prior), context)),
            ...liveValues(resource.schema, prior),
          };
    return answered(resource.schema, plan, computed as ObjectValue);
  });
}

function writeOnlyValues(schema: Schema, config: ObjectValue): ObjectValue {
  const entries = Object.entries(allAttributes(schema))
    .filter(([, { mode }]) => mode === "writeOnly")
    .map(([name]): [string, Value] => [name, config[name] ?? null]);
  return objectWithUnknownsNulled(Object.fromEntries(entries));
}

/** Values that were planned as known, from the last read: Terraform accepts no others, even if they have changed meanwhile. */
function liveValues(schema: Schema, prior: ObjectValue): ObjectValue {
  const names = Object.entries(allAttributes(schema)).filter(([, { live }]) => live);
  return Object.fromEntries(names.map(([name]): [string, Value] => [name, prior[name] ?? null]));
}

async function applyDelete<Client>(target: Target<Client>, prior: ObjectValue): Promise<Outcome> {
  return attempt(target, "delete", { lost: prior, base: prior, given: [prior] }, async (context) => {
    await target.resource.delete(asState(prior), context);
    return null;
  });
}

/** The resource's diagnostics for the plan of its destruction. A failed look is an error of the plan. */
export async function planDelete<Client>(
  { typeName, resource, client, privateState, runtime: raw }: Target<Client>,
  prior: ObjectValue,
): Promise<readonly Diagnostic[]> {
  const redact = redactorOf(resource.schema, prior);
  const runtime = redactedRuntime(raw, redact);
  try {
    const context = { ...runtime, client, privateState, poll: pollWith(runtime) };
    return redactedDiagnostics((await resource.planDelete?.(asState(prior), context)) ?? [], redact);
  } catch (error) {
    return redactedDiagnostics(diagnosticsOf(error, `plan to delete ${typeName}`), redact);
  }
}

/** The resource's warnings for the plan of its creation. A failed look gives none: the apply will report it. */
export async function planCreate<Client>(
  { typeName, resource, client, privateState, runtime: raw }: Target<Client>,
  planned: ObjectValue,
): Promise<readonly Diagnostic[]> {
  const redact = redactorOf(resource.schema, planned);
  const runtime = redactedRuntime(raw, redact);
  try {
    const context = { ...runtime, client, privateState, poll: pollWith(runtime) };
    const said = (await resource.planCreate?.(planned as Config<Schema>, context)) ?? [];
    return redactedDiagnostics(said, redact);
  } catch (error) {
    runtime.log.warn(`could not look before ${typeName} is created`, { error: String(error) });
    return [];
  }
}

/** Reads the real object. If that fails, the state stays as it was. */
export async function readState<Client>(target: Target<Client>, state: ObjectValue): Promise<Outcome> {
  return attempt(target, "read", { lost: state, base: state, given: [state] }, async (context) => {
    const found = await target.resource.read(asState(state), context);
    return found === null ? null : objectWithUnknownsNulled({ ...state, ...(found as ObjectValue) });
  });
}

interface Known {
  /** The state after a failure if nothing was saved. */
  readonly lost: ObjectValue | null;
  /** Saved values are merged into this. */
  readonly base: ObjectValue;
  /** Everything that the action sees: its secrets are redacted in all output. */
  readonly given: readonly ObjectValue[];
}

async function attempt<Client>(
  { typeName, resource, client, privateState, runtime: raw }: Target<Client>,
  verb: string,
  { lost, base, given }: Known,
  act: (context: Context<Schema, Client>) => Promise<ObjectValue | null>,
): Promise<Outcome> {
  let known = lost;
  const warnings: Diagnostic[] = [];
  const redact = redactorOf(resource.schema, ...given);
  const runtime = redactedRuntime(raw, redact);
  const context: Context<Schema, Client> = {
    ...runtime,
    client,
    privateState,
    saved(values) {
      known = { ...(known ?? base), ...(values as Record<string, Value>) };
    },
    warn(warning) {
      warnings.push({ severity: "warning", ...warning });
    },
    poll: pollWith(runtime),
  };
  try {
    return { state: await act(context), diagnostics: redactedDiagnostics(warnings, redact) };
  } catch (error) {
    const subject = typeof known?.["id"] === "string" ? `${typeName} ${known["id"]}` : typeName;
    runtime.log.warn(`${verb} ${subject} failed`, { error: String(error) });
    const diagnose = verb === "read" ? diagnosticsOnce : diagnosticsOf;
    const diagnostics = [...warnings, ...diagnose(error, `${verb} ${subject}`)];
    return { state: known, diagnostics: redactedDiagnostics(diagnostics, redact) };
  }
}

const pollWith =
  (runtime: Runtime): Context<Schema, unknown>["poll"] =>
  (what, look, times) =>
    poll(what, look, times, runtime);

// The wire decodes by the schema, so a value has the shape of the schema's types.
const asState = (value: ObjectValue): State<Schema> => value as State<Schema>;
