import {
  closeEphemeral,
  type EphemeralTarget,
  type Hold,
  openEphemeral,
  renewEphemeral,
} from "../../core/ephemeral.js";
import { failed, toWireDiagnostics } from "../diagnostics.js";
import type * as wire from "../messages.js";
import type { PluginSession } from "../session.js";
import { decodeConfig, encodeObject } from "../value.js";
import { validation } from "./validation.js";

/** Ephemeral resources: Validate, Open, Renew, Close. Their values are only in the answer to Open. */
export function ephemeralCalls<Client>(session: PluginSession<Client>) {
  const targetOf = (typeName: string): EphemeralTarget<Client> => ({
    typeName,
    ephemeral: session.ephemeral(typeName),
    context: { ...session.runtime, client: session.client },
  });
  return {
    ValidateEphemeralResourceConfig: validation((typeName) => session.ephemeral(typeName)),

    OpenEphemeralResource: async ({
      type_name,
      config,
    }: wire.TypedConfigRequest): Promise<wire.OpenResponse> => {
      try {
        const target = targetOf(type_name);
        const { schema } = target.ephemeral;
        const opened = await openEphemeral(target, decodeConfig(schema, config));
        return {
          ...(opened.value === null ? {} : { result: encodeObject(schema, opened.value) }),
          ...toWireHold(opened),
          diagnostics: toWireDiagnostics(opened.diagnostics),
        };
      } catch (error) {
        return failed(error, `open ${type_name}`);
      }
    },

    RenewEphemeralResource: async ({
      type_name,
      private: handle,
    }: wire.HeldRequest): Promise<wire.HoldResponse> => {
      try {
        const renewed = await renewEphemeral(targetOf(type_name), handleOf(handle));
        return { ...toWireHold(renewed), diagnostics: toWireDiagnostics(renewed.diagnostics) };
      } catch (error) {
        return failed(error, `renew ${type_name}`);
      }
    },

    CloseEphemeralResource: async ({
      type_name,
      private: handle,
    }: wire.HeldRequest): Promise<wire.DiagnosticsResponse> => {
      try {
        return {
          diagnostics: toWireDiagnostics(await closeEphemeral(targetOf(type_name), handleOf(handle))),
        };
      } catch (error) {
        return failed(error, `close ${type_name}`);
      }
    },
  };
}

const handleOf = (bytes: Buffer | undefined): string => bytes?.toString("utf8") ?? "";

function toWireHold({ handle, renewAt }: Hold): Pick<wire.HoldResponse, "private" | "renew_at"> {
  const ms = renewAt?.getTime();
  return {
    ...(handle === undefined ? {} : { private: Buffer.from(handle) }),
    ...(ms === undefined
      ? {}
      : {
          renew_at: {
            seconds: Math.floor(ms / 1000),
            nanos: (ms - Math.floor(ms / 1000) * 1000) * 1_000_000,
          },
        }),
  };
}
