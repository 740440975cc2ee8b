/** A .proto file as the build hands it over: parsed, as protobuf's JSON descriptor. */
declare module "*.proto" {
  const descriptor: import("protobufjs/light.js").INamespace;
  export default descriptor;
}
