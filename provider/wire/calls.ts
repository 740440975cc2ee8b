import type { AnyProvider } from "../core/provider.js";
import { GrpcError, STATUS } from "./grpc/message.js";
import type { Answer } from "./grpc/server.js";
import { decodeMessage } from "./protobuf/decode.js";
import { encodeMessage } from "./protobuf/encode.js";
import { dataSourceCalls } from "./rpc/data-source.js";
import { ephemeralCalls } from "./rpc/ephemeral.js";
import { providerCalls } from "./rpc/provider.js";
import { resourceCalls } from "./rpc/resource.js";
import { schemaCalls } from "./rpc/schema.js";
import { storedStateCalls } from "./rpc/stored-state.js";
import type { PluginSession } from "./session.js";
import tfplugin6 from "./tfplugin6.proto";

const SERVICE = "tfplugin6.Provider";
const METHODS = new Map(tfplugin6.services[SERVICE]?.map((method) => [method.name, method]));

type Call = (request: never) => unknown;

/** All calls of the protocol, by their names. */
export function providerCallsOf<Client>(session: PluginSession<Client>): Answer {
  return answering({
    ...schemaCalls(session.provider),
    ...providerCalls(session),
    ...resourceCalls(session),
    ...storedStateCalls(session),
    ...dataSourceCalls(session),
    ...ephemeralCalls(session),
  });
}

/** The answers to the calls of that provider that need neither a configuration nor a message, as bytes. */
export async function preparedAnswers<Client>(
  provider: AnyProvider<Client>,
): Promise<Readonly<Record<string, Uint8Array>>> {
  const answer = answering(schemaCalls(provider));
  const names = ["GetMetadata", "GetProviderSchema"];
  const answers = names.map(async (name) => [name, await answer(name, Buffer.alloc(0))] as const);
  return Object.fromEntries(await Promise.all(answers));
}

function answering(calls: Readonly<Record<string, Call>>): Answer {
  const byName = new Map(Object.entries(calls));
  return async (name, bytes) => {
    const [method, call] = [METHODS.get(name), byName.get(name)];
    if (method === undefined || call === undefined) {
      throw new GrpcError(STATUS.unimplemented, `There is no call ${name}.`);
    }
    const response = await call(decodeMessage(tfplugin6, method.request, bytes) as never);
    return encodeMessage(tfplugin6, method.response, response as object);
  };
}
