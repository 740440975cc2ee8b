import { type ObjectOptions, Type } from "@sinclair/typebox";
import { closed, Name } from "./fields.js";

/** An AMI: the newest of a family, or one by id. */
export const ImageChoice = (options: Pick<ObjectOptions, "default" | "description">) =>
  Type.Object(
    {
      family: Type.Optional(
        Name("the newest of your own AMIs tagged muster:image with this family", ["mpi"]),
      ),
      id: Type.Optional(
        Type.String({
          pattern: "^ami-[0-9a-f]{8,17}$",
          description: "one AMI",
          examples: ["ami-0123456789abcdef0"],
        }),
      ),
    },
    { minProperties: 1, maxProperties: 1, ...options, ...closed },
  );
