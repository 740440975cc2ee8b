import { answered, askedOf } from "./answer.js";
import { type Diagnostic, diagnosticsOf } from "./diagnostic.js";
import type { Runtime } from "./runtime.js";
import { censoredDiagnostics, censoredRuntime, censorOf } from "./secrets.js";
import type { Computed, Config, Schema, State } from "./types.js";
import type { ObjectValue } from "./value.js";

/** What a look gets beside its values. */
export interface LookContext<Client> extends Runtime {
  readonly client: Client;
}

/**
 * One kind of Terraform data source: a look at what is there, changing nothing; it may run at any time and twice at once.
 * Throws DiagnosticError for what the person should read; nothing found is such an error, or an empty list with a reason.
 */
export interface DataSource<S extends Schema, Client> {
  readonly schema: S;
  /** Rules that span attributes. Each value may be unknown. All problems at once. */
  validate?(config: Config<S>): readonly Diagnostic[];
  /** `asked` is the user's part with its defaults; what the provider tells is null in it. */
  read(asked: State<S>, context: LookContext<Client>): Promise<Computed<S>>;
}

export type AnyDataSource<Client> = DataSource<Schema, Client>;

/** `dataSourceFor<Client>()({ schema, read })`: names the client's type, infers the rest from the schema. */
export const dataSourceFor =
  <Client>() =>
  <S extends Schema>(dataSource: DataSource<S, Client>): DataSource<S, Client> =>
    dataSource;

/** What a look told; a null value = it failed. */
export interface ReadResult {
  readonly value: ObjectValue | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads it. Never throws for what the data source throws. */
export async function readDataSource<Client>(
  typeName: string,
  source: AnyDataSource<Client>,
  config: ObjectValue,
  loud: LookContext<Client>,
): Promise<ReadResult> {
  const censor = censorOf(source.schema, config);
  const context = censoredRuntime(loud, censor);
  try {
    const asked = askedOf(source.schema, config);
    const told = await source.read(asked as State<Schema>, context);
    return { value: answered(source.schema, asked, told as ObjectValue), diagnostics: [] };
  } catch (error) {
    context.log.warn(`read ${typeName} failed`, { error: String(error) });
    return {
      value: null,
      diagnostics: censoredDiagnostics(diagnosticsOf(error, `read ${typeName}`), censor),
    };
  }
}
