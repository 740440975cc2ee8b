/** The AWS SDK for AWS's price list. */
export { PricingClient, paginateGetProducts } from "@aws-sdk/client-pricing";
