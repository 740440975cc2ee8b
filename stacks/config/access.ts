import { type Static, Type } from "@sinclair/typebox";
import { SSH_KEY_LIMITS } from "../../agent/contract/ssh-access.js";
import { closed } from "./fields.js";
import { isPrivateRange, parseCidr } from "./ipv4.js";

/** Who may log in to a cluster's nodes, and from where. */
export const AccessSettings = Type.Object(
  {
    sshKeys: Type.Array(
      Type.String({
        description: "an ssh public key: the one line of a .pub file, without options",
        examples: [
          "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA5WL4eQCxdgT+wS2rAle7nNm8Bq2V1ttlTrnF+XwQnZ ada@example.com",
        ],
      }),
      {
        default: [],
        maxItems: SSH_KEY_LIMITS.keys,
        uniqueItems: true,
        description: `the public keys that may log in as the user muster; nodes that run keep those that they started with`,
      },
    ),
    allowFrom: Type.Array(
      Type.String({
        description: "an IPv4 range, e.g. 203.0.113.7/32 (`muster my-ip` prints yours)",
        examples: ["203.0.113.7/32", "198.51.100.0/24"],
      }),
      {
        default: [],
        maxItems: 32,
        uniqueItems: true,
        description:
          "where ssh may come from; with a range of the internet, the nodes get public addresses; without any, ssh goes through Session Manager",
      },
    ),
    allowFromAnywhere: Type.Boolean({
      default: false,
      description: "true: allowFrom may have ranges wider than /8, even 0.0.0.0/0",
    }),
  },
  { default: {}, description: "ssh to the nodes", ...closed },
);
export type AccessSettings = Static<typeof AccessSettings>;

/** Whether the nodes need public addresses: ssh may come from the internet. Pure. */
export const isPublic = ({ allowFrom }: Pick<AccessSettings, "allowFrom">): boolean =>
  allowFrom.some((text) => {
    const range = parseCidr(text);
    return range !== null && !isPrivateRange(range);
  });
