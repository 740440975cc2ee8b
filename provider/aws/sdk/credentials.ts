/** The AWS SDK for finding credentials, and for working as another role (STS). */
export { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
