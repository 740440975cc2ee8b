/** The protocol's messages as the gRPC library passes them: snake case, defaults filled in, enums by name. */
export interface DynamicValue {
  readonly msgpack: Buffer;
  readonly json: Buffer;
}
export interface WireDiagnostic {
  readonly severity: "ERROR" | "WARNING";
  readonly summary: string;
  readonly detail: string;
  readonly attribute?: AttributePath;
}
export interface AttributePath {
  readonly steps: readonly AttributePathStep[];
}
export type AttributePathStep =
  | { readonly attribute_name: string }
  | { readonly element_key_int: number }
  | { readonly element_key_string: string };

interface WireValue {
  readonly msgpack: Buffer;
}
interface WithDiagnostics {
  readonly diagnostics: readonly WireDiagnostic[];
}
export type DiagnosticsResponse = WithDiagnostics;

export interface ConfigRequest {
  readonly config: DynamicValue | null;
}
export interface TypedConfigRequest extends ConfigRequest {
  readonly type_name: string;
}
/** A state as Terraform stored it, not yet decoded by a schema. */
export interface StoredState {
  readonly json: Buffer;
  /** As Terraform 0.11 and older wrote states. */
  readonly flatmap: Readonly<Record<string, string>>;
}
export interface UpgradeRequest {
  readonly type_name: string;
  readonly version: number;
  readonly raw_state: StoredState | null;
}
export interface UpgradeResponse extends WithDiagnostics {
  readonly upgraded_state?: WireValue;
}
export interface ReadRequest {
  readonly type_name: string;
  readonly current_state: DynamicValue | null;
  readonly private: Buffer;
}
export interface ReadResponse extends WithDiagnostics {
  readonly new_state?: WireValue;
  readonly private?: Buffer;
}
export interface PlanRequest {
  readonly type_name: string;
  readonly prior_state: DynamicValue | null;
  readonly proposed_new_state: DynamicValue | null;
  readonly config: DynamicValue | null;
  readonly prior_private: Buffer;
}
export interface PlanResponse extends WithDiagnostics {
  readonly planned_state?: WireValue;
  readonly requires_replace?: readonly AttributePath[];
  readonly planned_private?: Buffer;
}
export interface ApplyRequest {
  readonly type_name: string;
  readonly prior_state: DynamicValue | null;
  readonly planned_state: DynamicValue | null;
  readonly config: DynamicValue | null;
  readonly planned_private: Buffer;
}
export interface ApplyResponse extends WithDiagnostics {
  readonly new_state?: WireValue;
  readonly private?: Buffer;
}
export interface ImportRequest {
  readonly type_name: string;
  readonly id: string;
}
export interface ImportResponse extends WithDiagnostics {
  readonly imported_resources?: readonly {
    readonly type_name: string;
    readonly state: WireValue;
    readonly private: Buffer;
  }[];
}
export interface MoveRequest {
  readonly source_provider_address: string;
  readonly source_type_name: string;
  readonly source_schema_version: number;
  readonly source_state: StoredState | null;
  readonly target_type_name: string;
}
export interface MoveResponse extends WithDiagnostics {
  readonly target_state?: WireValue;
}
export interface DataResponse extends WithDiagnostics {
  readonly state?: WireValue;
}
/** Identifies an open ephemeral resource. */
export interface HoldResponse extends WithDiagnostics {
  readonly private?: Buffer;
  readonly renew_at?: { readonly seconds: number; readonly nanos: number };
}
export interface OpenResponse extends HoldResponse {
  readonly result?: WireValue;
}
export interface HeldRequest {
  readonly type_name: string;
  readonly private?: Buffer;
}
