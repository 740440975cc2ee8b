import { answered, askedOf } from "./answer.js";
import type { LookContext, ReadResult } from "./data-source.js";
import { type Diagnostic, diagnosticsOf } from "./diagnostic.js";
import { redactedDiagnostics, redactedRuntime, redactorOf, redactorOfTexts } from "./secrets.js";
import type { Computed, Config, Schema, State } from "./types.js";
import type { ObjectValue } from "./value.js";

/** What renew and close need. Terraform passes `handle` back to them; it does not store it. */
export interface Hold {
  readonly handle?: string;
  /** When Terraform must call renew; absent: never. */
  readonly renewAt?: Date;
}

/**
 * One kind of ephemeral resource: values that live as long as one Terraform command and are never stored. Terraform opens
 * it in plan and again in apply, and closes what it opened. Throws DiagnosticError with a text for a person.
 */
export interface Ephemeral<S extends Schema, Client> {
  readonly schema: S;
  /** Rules across attributes. Each value may be unknown. Returns all problems at once. */
  validate?(config: Config<S>): readonly Diagnostic[];
  open(asked: State<S>, context: LookContext<Client>): Promise<Hold & { readonly result: Computed<S> }>;
  renew?(handle: string, context: LookContext<Client>): Promise<Hold>;
  /** Absent: there is nothing to close. */
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

/** Opens it. Never throws the ephemeral resource's errors. Logs no value. */
export async function openEphemeral<Client>(
  { typeName, ephemeral, context: raw }: EphemeralTarget<Client>,
  config: ObjectValue,
): Promise<ReadResult & Hold> {
  const redact = redactorOf(ephemeral.schema, config);
  const context = redactedRuntime(raw, redact);
  try {
    const asked = askedOf(ephemeral.schema, config);
    const { result, ...hold } = await ephemeral.open(asked as State<Schema>, context);
    return { ...hold, value: answered(ephemeral.schema, asked, result as ObjectValue), diagnostics: [] };
  } catch (error) {
    return {
      value: null,
      diagnostics: redactedDiagnostics(diagnosticsOf(error, `open ${typeName}`), redact),
    };
  }
}

/** Renews it; a kind that can't be renewed stays as it is. Its handle may be a secret, so it is redacted in all output. */
export async function renewEphemeral<Client>(
  { typeName, ephemeral, context: raw }: EphemeralTarget<Client>,
  handle: string,
): Promise<Hold & { readonly diagnostics: readonly Diagnostic[] }> {
  const redact = redactorOfTexts([handle]);
  const context = redactedRuntime(raw, redact);
  try {
    const hold = (await ephemeral.renew?.(handle, context)) ?? {};
    return { handle, ...hold, diagnostics: [] };
  } catch (error) {
    return { handle, diagnostics: redactedDiagnostics(diagnosticsOf(error, `renew ${typeName}`), redact) };
  }
}

/** Closes it. Its handle is redacted in all output. */
export async function closeEphemeral<Client>(
  { typeName, ephemeral, context: raw }: EphemeralTarget<Client>,
  handle: string,
): Promise<readonly Diagnostic[]> {
  const redact = redactorOfTexts([handle]);
  const context = redactedRuntime(raw, redact);
  try {
    await ephemeral.close?.(handle, context);
    return [];
  } catch (error) {
    return redactedDiagnostics(diagnosticsOf(error, `close ${typeName}`), redact);
  }
}
