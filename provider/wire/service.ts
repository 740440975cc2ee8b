import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import protobuf from "protobufjs/light.js";

/** Absent values get their defaults, enums are names, 64-bit numbers plain ones: versions and counts are small. */
const PLAIN: protobuf.IConversionOptions = { defaults: true, oneofs: true, enums: String, longs: Number };

/**
 * A gRPC service from a parsed .proto. The usual loader also writes each message's own descriptor for reflection, which
 * nobody asks a provider for: a quarter of the whole start.
 */
export function serviceDefinition(descriptor: protobuf.INamespace, name: string): ServiceDefinition {
  const service = protobuf.Root.fromJSON(descriptor).lookupService(name);
  const methods = service.methodsArray.map((method) => [method.name, methodDefinition(name, method)]);
  return Object.fromEntries(methods) as ServiceDefinition;
}

function methodDefinition(service: string, method: protobuf.Method): MethodDefinition<object, object> {
  method.resolve();
  const { resolvedRequestType, resolvedResponseType } = method;
  if (resolvedRequestType === null || resolvedResponseType === null) {
    throw new Error(`${service}.${method.name} has a message that the .proto does not define.`);
  }
  const request = codec(resolvedRequestType);
  const response = codec(resolvedResponseType);
  return {
    path: `/${service}/${method.name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: request.serialize,
    requestDeserialize: request.deserialize,
    responseSerialize: response.serialize,
    responseDeserialize: response.deserialize,
  };
}

const codec = (type: protobuf.Type) => ({
  serialize: (message: object): Buffer => Buffer.from(type.encode(type.fromObject(message)).finish()),
  deserialize: (bytes: Buffer): object => type.toObject(type.decode(bytes), PLAIN),
});
