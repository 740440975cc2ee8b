import { answered, askedOf } from "./answer.js";
import { type Diagnostic, diagnosticsOf, type Warning } from "./diagnostic.js";
import type { Runtime } from "./runtime.js";
import { redactedDiagnostics, redactedRuntime, redactorOf } from "./secrets.js";
import type { Computed, Config, Schema, State } from "./types.js";
import type { ObjectValue } from "./value.js";

/** What a read gets besides its values. */
export interface LookContext<Client> extends Runtime {
  readonly client: Client;
}
interface ReadContext<Client> extends LookContext<Client> {
  /** Shows a warning beside what was read, or beside the read's error. */
  warn(warning: Warning): void;
}

/**
 * One kind of Terraform data source: reads what exists, and changes nothing; it may run at any time and concurrently. Throws
 * DiagnosticError with a text for a person. "Not found" is such an error, or an empty list with a reason.
 */
export interface DataSource<S extends Schema, Client> {
  readonly schema: S;
  /** Rules across attributes. Each value may be unknown. Returns all problems at once. */
  validate?(config: Config<S>): readonly Diagnostic[];
  /** `asked` is the user's part with its defaults; the provider's attributes are null in it. */
  read(asked: State<S>, context: ReadContext<Client>): Promise<Computed<S>>;
}

export type AnyDataSource<Client> = DataSource<Schema, Client>;

/** `dataSourceFor<Client>()({ schema, read })`: names the client's type, infers the rest from the schema. */
export const dataSourceFor =
  <Client>() =>
  <S extends Schema>(dataSource: DataSource<S, Client>): DataSource<S, Client> =>
    dataSource;

/** The result of a read; a null value = it failed. */
export interface ReadResult {
  readonly value: ObjectValue | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads it. Never throws the data source's errors. */
export async function readDataSource<Client>(
  typeName: string,
  source: AnyDataSource<Client>,
  config: ObjectValue,
  raw: LookContext<Client>,
): Promise<ReadResult> {
  const redact = redactorOf(source.schema, config);
  const warnings: Diagnostic[] = [];
  const context: ReadContext<Client> = {
    ...redactedRuntime(raw, redact),
    warn(warning) {
      warnings.push({ severity: "warning", ...warning });
    },
  };
  try {
    const asked = askedOf(source.schema, config);
    const found = await source.read(asked as State<Schema>, context);
    const value = answered(source.schema, asked, found as ObjectValue);
    return { value, diagnostics: redactedDiagnostics(warnings, redact) };
  } catch (error) {
    context.log.warn(`read ${typeName} failed`, { error: String(error) });
    return {
      value: null,
      diagnostics: redactedDiagnostics([...warnings, ...diagnosticsOf(error, `read ${typeName}`)], redact),
    };
  }
}
