/** The AWS SDK for credentials: finds them, assumes a role, asks for their account (STS). */
export { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
