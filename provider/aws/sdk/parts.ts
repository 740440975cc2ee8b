/**
 * The parts of the AWS SDK as they are once loaded. It is most of the program, and a schema, a validation or a plan that
 * only creates needs none of it: each part is imported at its first use, by `import("./sdk/<part>.js")`, and a resource
 * that never asks for EC2 never compiles it.
 */
export type OrgSdk = typeof import("./org.js");
export type ComputeSdk = typeof import("./compute.js");
export type CredentialsSdk = typeof import("./credentials.js");
