import { jest } from "@jest/globals";

// Tests start programs, and the machine may be busy. This ends what hangs; no test is to fail because it is slow.
jest.setTimeout(180_000);
