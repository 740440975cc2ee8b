import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { decodeMessage } from "./protobuf/decode.js";
import { encodeMessage } from "./protobuf/encode.js";
import type { Method, Protocol } from "./protobuf/protocol.js";

/**
 * A gRPC service of a protocol. The usual loader builds the whole .proto as objects first, and writes and compiles code
 * for each message: a sixth of the whole start.
 */
export function serviceDefinition(protocol: Protocol, name: string): ServiceDefinition {
  const methods = protocol.services[name];
  if (methods === undefined) throw new Error(`The .proto has no service ${name}.`);
  return Object.fromEntries(methods.map((method) => [method.name, methodDefinition(protocol, name, method)]));
}

function methodDefinition(
  protocol: Protocol,
  service: string,
  { name, request, response }: Method,
): MethodDefinition<object, object> {
  return {
    path: `/${service}/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (message) => encodeMessage(protocol, request, message),
    requestDeserialize: (bytes) => decodeMessage(protocol, request, bytes),
    responseSerialize: (message) => encodeMessage(protocol, response, message),
    responseDeserialize: (bytes) => decodeMessage(protocol, response, bytes),
  };
}
