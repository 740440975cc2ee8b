/** A .proto file as the build hands it over. */
declare module "*.proto" {
  const protocol: import("./protobuf/protocol.js").Protocol;
  export default protocol;
}
