import { expect, test } from "@jest/globals";
import { awsPrices } from "../../../scripts/cli/access/prices.js";
import { startGateway } from "../../../scripts/local/gateway/server.js";

test("prices come from the price list, those of types that it does not have are left out", async () => {
  const gateway = await startGateway({ emulatorPort: 1, consoleLogPath: () => "/dev/null", log: () => {} });
  const before = { ...process.env };
  process.env["AWS_ENDPOINT_URL"] = gateway.url;
  process.env["AWS_ACCESS_KEY_ID"] = process.env["AWS_SECRET_ACCESS_KEY"] = "test";
  try {
    const opening = { org: "acme", region: "us-east-1", signal: AbortSignal.timeout(20_000) };
    const prices = await awsPrices(opening, process.env, "0").listPrices("us-east-1", [
      "c5.xlarge",
      "odd.large",
    ]);
    expect(prices).toEqual({
      region: "us-east-1",
      nodeHour: { "c5.xlarge": 0.17 },
      ...{ natGatewayHour: 0.045, natGatewayGb: 0.045, publicAddressHour: 0.005 },
      ...{ kmsKeyMonth: 1, efsGbMonth: 0.3, volumeGbMonth: 0.08 },
    });
  } finally {
    process.env = before;
    await gateway.stop();
  }
});
