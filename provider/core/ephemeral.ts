import { answered, askedOf } from "./answer.js";
import type { LookContext, ReadResult } from "./data-source.js";
import { type Diagnostic, diagnosticsOf } from "./diagnostic.js";
import { censoredDiagnostics, censoredRuntime, censorOf, censorOfTexts } from "./secrets.js";
import type { Computed, Config, Schema, State } from "./types.js";
import type { ObjectValue } from "./value.js";

/** What keeps an opened value usable. `handle` comes back at renew and at close; Terraform stores neither. */
export interface Hold {
  readonly handle?: string;
  /** When Terraform shall call renew; absent: never. */
  readonly renewAt?: Date;
}

/**
 * One kind of ephemeral resource: values that live as long as one Terraform command and are never stored. Terraform opens
 * it in plan and again in apply, and closes what it opened. Throws DiagnosticError for what the person should read.
 */
export interface Ephemeral<S extends Schema, Client> {
  readonly schema: S;
  /** Rules that span attributes. Each value may be unknown. All problems at once. */
  validate?(config: Config<S>): readonly Diagnostic[];
  open(asked: State<S>, context: LookContext<Client>): Promise<Hold & { readonly result: Computed<S> }>;
  renew?(handle: string, context: LookContext<Client>): Promise<Hold>;
  /** Without it there is nothing to end. */
  close?(handle: string, context: LookContext<Client>): Promise<void>;
}

export type AnyEphemeral<Client> = Ephemeral<Schema, Client>;

/** `ephemeralFor<Client>()({ schema, open })`: names the client's type, infers the rest from the schema. */
export const ephemeralFor =
  <Client>() =>
  <S extends Schema>(ephemeral: Ephemeral<S, Client>): Ephemeral<S, Client> =>
    ephemeral;

/** One type of ephemeral resource in one configured provider. */
export interface EphemeralTarget<Client> {
  readonly typeName: string;
  readonly ephemeral: AnyEphemeral<Client>;
  readonly context: LookContext<Client>;
}

/** Opens it. Never throws for what the ephemeral resource throws. Logs no value. */
export async function openEphemeral<Client>(
  { typeName, ephemeral, context: loud }: EphemeralTarget<Client>,
  config: ObjectValue,
): Promise<ReadResult & Hold> {
  const censor = censorOf(ephemeral.schema, config);
  const context = censoredRuntime(loud, censor);
  try {
    const asked = askedOf(ephemeral.schema, config);
    const { result, ...hold } = await ephemeral.open(asked as State<Schema>, context);
    return { ...hold, value: answered(ephemeral.schema, asked, result as ObjectValue), diagnostics: [] };
  } catch (error) {
    return {
      value: null,
      diagnostics: censoredDiagnostics(diagnosticsOf(error, `open ${typeName}`), censor),
    };
  }
}

/** Renews it; a kind that can't be renewed stays as it is. Its handle may be what opens a door: it is told to nobody. */
export async function renewEphemeral<Client>(
  { typeName, ephemeral, context: loud }: EphemeralTarget<Client>,
  handle: string,
): Promise<Hold & { readonly diagnostics: readonly Diagnostic[] }> {
  const censor = censorOfTexts([handle]);
  const context = censoredRuntime(loud, censor);
  try {
    const hold = (await ephemeral.renew?.(handle, context)) ?? {};
    return { handle, ...hold, diagnostics: [] };
  } catch (error) {
    return { handle, diagnostics: censoredDiagnostics(diagnosticsOf(error, `renew ${typeName}`), censor) };
  }
}

/** Ends it. Its handle is told to nobody. */
export async function closeEphemeral<Client>(
  { typeName, ephemeral, context: loud }: EphemeralTarget<Client>,
  handle: string,
): Promise<readonly Diagnostic[]> {
  const censor = censorOfTexts([handle]);
  const context = censoredRuntime(loud, censor);
  try {
    await ephemeral.close?.(handle, context);
    return [];
  } catch (error) {
    return censoredDiagnostics(diagnosticsOf(error, `close ${typeName}`), censor);
  }
}
