import { musterDataSource } from "../source.js";
import { chooseInstanceTypes } from "./choose.js";
import { instanceTypesDataSchema } from "./schema.js";

/** `data "muster_instance_types"`. */
export const instanceTypesSource = musterDataSource({
  schema: instanceTypesDataSchema,

  async read(wish, { client }) {
    const { types, reason } = chooseInstanceTypes(await client.instanceTypes.list(), wish);
    return {
      id: client.region,
      reason,
      names: types.map(({ name }) => name),
      instance_types: types.map(({ memoryMib, ...type }) => ({ ...type, memory_mib: memoryMib })),
    };
  },
});
