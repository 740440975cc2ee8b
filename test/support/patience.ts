import { jest } from "@jest/globals";

// Integration tests start programs, which load half of the AWS SDK, on a machine that may be busy: 5 s are no bound for that.
jest.setTimeout(60_000);
