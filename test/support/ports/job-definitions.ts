import { describe, expect, test } from "@jest/globals";
import type { JobDefinitionItem } from "../../../agent/contract/registry.js";
import type { JobDefinitions } from "../../../provider/client/ports.js";

/** Definitions, and the cluster that they are of. */
export interface DefinitionsUnderTest {
  readonly clusterUuid: string;
  readonly definitions: JobDefinitions;
}

/** What every keeper of job definitions does. `make` gives one of a cluster without definitions. */
export function describeJobDefinitions(make: () => DefinitionsUnderTest): void {
  const definitionOf = ({ clusterUuid }: DefinitionsUnderTest): JobDefinitionItem => ({
    id: "d-1",
    owner: "mine",
    clusterUuid,
    name: "nightly",
    revision: 1,
    request: { command: ["pi.py"] },
    triggers: { input: "1" },
    run: "manual",
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
  });
  const next = (
    definition: JobDefinitionItem,
    change: Partial<JobDefinitionItem> = {},
  ): JobDefinitionItem => ({
    ...definition,
    revision: 2,
    updatedAt: "2026-01-02T00:00:00.000Z",
    ...change,
  });

  describe("a keeper of job definitions", () => {
    test("has one of a name", async () => {
      const port = make();
      const definition = definitionOf(port);
      expect(await port.definitions.read(port.clusterUuid, "nightly")).toBeNull();
      expect(await port.definitions.create(definition)).toBe(true);
      expect(await port.definitions.create({ ...definition, id: "d-2" })).toBe(false);
      expect(await port.definitions.read(port.clusterUuid, "nightly")).toMatchObject(definition);
    });

    test.each<[string, Partial<JobDefinitionItem>]>([
      ["another id", { id: "d-0" }],
      ["another revision", { revision: 7 }],
      ["another time", { updatedAt: "2025-01-01T00:00:00.000Z" }],
    ])("replaces what was read, and not where that had %s", async (_name, stale) => {
      const port = make();
      const definition = definitionOf(port);
      expect(await port.definitions.replace(definition, next(definition))).toBe(false);
      await port.definitions.create(definition);
      expect(await port.definitions.replace({ ...definition, ...stale }, next(definition))).toBe(false);
      expect(await port.definitions.replace(definition, next(definition))).toBe(true);
      expect(await port.definitions.read(port.clusterUuid, "nightly")).toMatchObject(next(definition));
    });

    test("deletes its owner's, of that id; what is another's, or gone, is no error", async () => {
      const port = make();
      const definition = definitionOf(port);
      const { owner: _owner, ...ownerless } = definition;
      await port.definitions.delete(definition);
      await port.definitions.create(definition);
      for (const other of [{ ...definition, owner: "theirs" }, { ...definition, id: "d-0" }, ownerless]) {
        await port.definitions.delete(other);
        expect(await port.definitions.read(port.clusterUuid, "nightly")).not.toBeNull();
      }
      await port.definitions.delete(definition);
      expect(await port.definitions.read(port.clusterUuid, "nightly")).toBeNull();
    });

    test("deletes one that has no owner", async () => {
      const port = make();
      const { owner: _owner, ...ownerless } = definitionOf(port);
      await port.definitions.create(ownerless);
      await port.definitions.delete(ownerless);
      expect(await port.definitions.read(port.clusterUuid, "nightly")).toBeNull();
    });
  });
}
