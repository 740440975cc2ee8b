/** The AWS SDK for credentials: to find them, to work as another role, to ask whose they are (STS). */
export { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
