/** A .proto file as the build hands it over: parsed, as protobuf's JSON descriptor. */
declare module "*.proto" {
  const descriptor: Parameters<typeof import("@grpc/proto-loader").fromJSON>[0];
  export default descriptor;
}
