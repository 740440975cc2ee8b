import { errorReply, jsonReply } from "../reply.js";
import type { GatewayCall, Supplements } from "./supplement.js";

/** A local cloud has room for every test; AWS's own defaults are 5 for many of these. */
const ROOMY_VCPUS = 100_000;
const ROOMY_THINGS = 100;

const VCPU_CODES = [
  ...["L-1216C47A", "L-74FC7D96", "L-DB2E81BA", "L-F7808C92", "L-43DA4232"],
  ...["L-1945791B", "L-417A185B", "L-2C3B7624", "L-7295265B", "L-6E869C2A"],
  ...["L-34B43A08", "L-88CF9481", "L-3819A6DF", "L-B5D1601B", "L-7212CCBC"],
  ...["L-6B0D517C", "L-E3A00192", "L-85EED4F7"],
];
const ROOMY: Readonly<Record<string, number>> = {
  ...Object.fromEntries(VCPU_CODES.map((code) => [`ec2/${code}`, ROOMY_VCPUS])),
  "ec2/L-0263D0A3": ROOMY_THINGS,
  "vpc/L-F678F1CE": ROOMY_THINGS,
};

/**
 * The account's quotas, by `service/code`. A code that is not among them is refused, as by AWS.
 * @see https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
 */
export function serviceQuotas(values: Readonly<Record<string, number>> = ROOMY): Supplements {
  const render = (service: string, code: string) => ({
    ...{ ServiceCode: service, QuotaCode: code, Value: values[`${service}/${code}`] },
    ...{ Unit: "None", Adjustable: true, GlobalQuota: false },
  });
  const one = async ({ body, operation }: GatewayCall) => {
    const { ServiceCode = "", QuotaCode = "" } = JSON.parse(body.toString("utf8")) as Record<string, string>;
    if (values[`${ServiceCode}/${QuotaCode}`] !== undefined)
      return jsonReply(200, { Quota: render(ServiceCode, QuotaCode) });
    const message = "The request failed because the specified quota does not exist.";
    return errorReply(operation, 400, "NoSuchResourceException", message);
  };
  return {
    "servicequotas.GetServiceQuota": one,
    "servicequotas.GetAWSDefaultServiceQuota": one,
    "servicequotas.ListServiceQuotas": async ({ body }) => {
      const { ServiceCode = "" } = JSON.parse(body.toString("utf8")) as Record<string, string>;
      const codes = Object.keys(values).flatMap((key) =>
        key.startsWith(`${ServiceCode}/`) ? [key.slice(ServiceCode.length + 1)] : [],
      );
      return jsonReply(200, { Quotas: codes.map((code) => render(ServiceCode, code)) });
    },
  };
}
