/**
 * The parts of the AWS SDK, once loaded. The SDK is most of the program, but a schema, a validation or a plan that only creates
 * does not need it. So each part is imported at its first use, by `import("./sdk/<part>.js")`: a resource that never calls EC2
 * never compiles the EC2 client.
 */
export type OrgSdk = typeof import("./org.js");
export type ComputeSdk = typeof import("./compute.js");
export type PreflightSdk = typeof import("./preflight.js");
export type CredentialsSdk = typeof import("./credentials.js");
export type PricesSdk = typeof import("./prices.js");
export type ImagesSdk = typeof import("./images.js");
