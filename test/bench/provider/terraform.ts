import { AWS_PROVIDER_VERSION } from "../../../scripts/setup/provider-mirror.js";

/** Both providers, as `required_providers` has them. */
export const MUSTER = 'muster = { source = "muster/muster" }';
export const AWS = `aws = { source = "hashicorp/aws", version = "${AWS_PROVIDER_VERSION}" }`;

/** A configuration's head that requires these providers. */
export const requiring = (...providers: readonly string[]): string =>
  `terraform {\n  required_providers {\n    ${providers.join("\n    ")}\n  }\n}\n`;
