/** A .proto file as the build compiles it in. */
declare module "*.proto" {
  const protocol: import("./protobuf/protocol.js").Protocol;
  export default protocol;
}
