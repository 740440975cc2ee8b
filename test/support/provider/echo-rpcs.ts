import { expect } from "@jest/globals";
import { value } from "./plugin-client.js";

/** One call to the provider of test/fixtures/provider/echo.ts: what Terraform may send, and what comes back. */
export interface Rpc {
  readonly ordinary: object;
  readonly answer: object;
  /** The request's fields that are values. */
  readonly values?: readonly string[];
  /** Those of them that hold one and the same. Default: all. */
  readonly given?: readonly string[];
  /** The answer's field that has what was given. */
  readonly carried?: string;
  /** The request's field that names a type. */
  readonly type?: string;
}

/** The only type there is. */
const it = { type_name: "muster_echo" };
export const demo = value({ name: "demo" });
const stored = { json: Buffer.from('{"name":"demo"}') };
const fine = { diagnostics: [] };
const config = { values: ["config"], type: "type_name", ordinary: { ...it, config: demo }, answer: fine };

/** By the call's name, all of them. */
export const RPCS: Readonly<Record<string, Rpc>> = {
  GetMetadata: { ordinary: {}, answer: { resources: [it], data_sources: [it], ephemeral_resources: [it] } },
  GetProviderSchema: { ordinary: {}, answer: { resource_schemas: { muster_echo: { version: 1 } } } },
  ValidateProviderConfig: { values: ["config"], ordinary: { config: demo }, answer: fine },
  ConfigureProvider: { values: ["config"], ordinary: { config: demo }, answer: fine },
  ValidateResourceConfig: config,
  ValidateDataResourceConfig: config,
  ValidateEphemeralResourceConfig: config,
  UpgradeResourceState: {
    type: "type_name",
    ordinary: { ...it, version: 1, raw_state: stored },
    answer: { ...fine, upgraded_state: expect.anything() },
  },
  ReadResource: {
    values: ["current_state"],
    carried: "new_state",
    type: "type_name",
    ordinary: { ...it, current_state: demo, private: Buffer.from("kept") },
    answer: { ...fine, private: Buffer.from("kept") },
  },
  PlanResourceChange: {
    values: ["prior_state", "proposed_new_state", "config"],
    given: ["proposed_new_state", "config"],
    carried: "planned_state",
    type: "type_name",
    ordinary: { ...it, prior_state: value(null), proposed_new_state: demo, config: demo },
    answer: { ...fine, requires_replace: [] },
  },
  ApplyResourceChange: {
    values: ["prior_state", "planned_state", "config"],
    given: ["planned_state", "config"],
    carried: "new_state",
    type: "type_name",
    ordinary: { ...it, prior_state: value(null), planned_state: demo, config: demo },
    answer: fine,
  },
  ImportResourceState: {
    type: "type_name",
    ordinary: { ...it, id: "größe 👍\0" },
    answer: { ...fine, imported_resources: [it] },
  },
  MoveResourceState: {
    type: "target_type_name",
    ordinary: {
      source_provider_address: "example.org/other/other",
      source_type_name: "other_echo",
      source_state: stored,
      target_type_name: "muster_echo",
    },
    answer: { ...fine, target_state: expect.anything() },
  },
  ReadDataSource: { ...config, carried: "state" },
  OpenEphemeralResource: { ...config, carried: "result" },
  RenewEphemeralResource: {
    type: "type_name",
    ordinary: { ...it, private: Buffer.from("handle") },
    answer: { ...fine, private: Buffer.from("handle") },
  },
  CloseEphemeralResource: {
    type: "type_name",
    ordinary: { ...it, private: Buffer.from("handle") },
    answer: fine,
  },
  GetFunctions: { ordinary: {}, answer: { ...fine, functions: {} } },
  CallFunction: {
    ordinary: { name: "none", arguments: [demo] },
    answer: { error: { text: 'There is no function "none": this provider has none.' } },
  },
  StopProvider: { ordinary: {}, answer: { Error: "" } },
};
