import { answered } from "./answer.js";
import { type Diagnostic, diagnosticsOf, diagnosticsOnce } from "./diagnostic.js";
import { poll } from "./poll.js";
import type { PrivateState } from "./private-state.js";
import type { AnyResource, Context } from "./resource.js";
import type { Runtime } from "./runtime.js";
import { allAttributes } from "./schema.js";
import { censoredDiagnostics, censoredRuntime, censorOf } from "./secrets.js";
import type { Config, Schema, State } from "./types.js";
import { type ObjectValue, objectWithUnknownsNulled, type Value } from "./value.js";

/** What is known after an action, whether it went well or not. A null state = there is nothing. */
export interface Outcome {
  readonly state: ObjectValue | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** One object of a resource type, there or to be made, in a configured provider. */
export interface Target<Client> {
  readonly typeName: string;
  readonly resource: AnyResource<Client>;
  readonly client: Client;
  readonly privateState: PrivateState;
  readonly runtime: Runtime;
}

/** What is asked of a resource: from `prior` to `planned`; null = there is nothing. */
export interface PlannedChange {
  readonly prior: ObjectValue | null;
  readonly planned: ObjectValue | null;
  /** What the user wrote: the only place where write-only values are. Null when it is to be deleted. */
  readonly config: ObjectValue | null;
}

/**
 * Creates, updates or deletes. Never throws for what an action throws: the outcome then carries the last known state, so
 * that nothing that exists is lost. A failed create with a state becomes "tainted" in Terraform; one without was nothing.
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
  // A failed update leaves the prior values, so that the next plan shows the difference again.
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

/** Planned as known, from the last read: Terraform takes nothing else back, whatever has happened meanwhile. */
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

/** What the resource says to the plan of its destruction. A look that fails is an error of the plan. */
export async function planDelete<Client>(
  { typeName, resource, client, privateState, runtime: loud }: Target<Client>,
  prior: ObjectValue,
): Promise<readonly Diagnostic[]> {
  const censor = censorOf(resource.schema, prior);
  const runtime = censoredRuntime(loud, censor);
  try {
    const context = { ...runtime, client, privateState, poll: pollWith(runtime) };
    return censoredDiagnostics((await resource.planDelete?.(asState(prior), context)) ?? [], censor);
  } catch (error) {
    return censoredDiagnostics(diagnosticsOf(error, `plan to delete ${typeName}`), censor);
  }
}

/** What the resource says to the plan of its creation. A look that fails says nothing: the apply will. */
export async function planCreate<Client>(
  { typeName, resource, client, privateState, runtime: loud }: Target<Client>,
  planned: ObjectValue,
): Promise<readonly Diagnostic[]> {
  const censor = censorOf(resource.schema, planned);
  const runtime = censoredRuntime(loud, censor);
  try {
    const context = { ...runtime, client, privateState, poll: pollWith(runtime) };
    const said = (await resource.planCreate?.(planned as Config<Schema>, context)) ?? [];
    return censoredDiagnostics(said, censor);
  } catch (error) {
    runtime.log.warn(`could not look before ${typeName} is created`, { error: String(error) });
    return [];
  }
}

/** Looks at the real thing. When the look fails, the state stays as it was. */
export async function readState<Client>(target: Target<Client>, state: ObjectValue): Promise<Outcome> {
  return attempt(target, "read", { lost: state, base: state, given: [state] }, async (context) => {
    const found = await target.resource.read(asState(state), context);
    return found === null ? null : objectWithUnknownsNulled({ ...state, ...(found as ObjectValue) });
  });
}

interface Known {
  /** The state after a failure when nothing was saved. */
  readonly lost: ObjectValue | null;
  /** What saved values are merged over. */
  readonly base: ObjectValue;
  /** All that the action sees: the secrets in it are told to nobody. */
  readonly given: readonly ObjectValue[];
}

async function attempt<Client>(
  { typeName, resource, client, privateState, runtime: loud }: Target<Client>,
  verb: string,
  { lost, base, given }: Known,
  act: (context: Context<Schema, Client>) => Promise<ObjectValue | null>,
): Promise<Outcome> {
  let known = lost;
  const warnings: Diagnostic[] = [];
  const censor = censorOf(resource.schema, ...given);
  const runtime = censoredRuntime(loud, censor);
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
    return { state: await act(context), diagnostics: censoredDiagnostics(warnings, censor) };
  } catch (error) {
    const subject = typeof known?.["id"] === "string" ? `${typeName} ${known["id"]}` : typeName;
    runtime.log.warn(`${verb} ${subject} failed`, { error: String(error) });
    const diagnose = verb === "read" ? diagnosticsOnce : diagnosticsOf;
    const diagnostics = [...warnings, ...diagnose(error, `${verb} ${subject}`)];
    return { state: known, diagnostics: censoredDiagnostics(diagnostics, censor) };
  }
}

const pollWith =
  (runtime: Runtime): Context<Schema, unknown>["poll"] =>
  (what, look, times) =>
    poll(what, look, times, runtime);

// The wire decodes by the schema, so a value has the shape that the schema's types say.
const asState = (value: ObjectValue): State<Schema> => value as State<Schema>;
