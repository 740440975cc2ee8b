/**
 * The cluster's own key is good for a shell and a program, from a private address: no forwarding, and no use to somebody on the internet
 * who has got hold of it.
 */
const OF_NODES = 'restrict,pty,from="10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10"';

/** The text of sshd's authorized_keys: people's keys, each checked to be one line without options, and the cluster's own. Pure. */
export const renderAuthorizedKeys = (
  people: readonly string[],
  clusterPublicKeys: readonly string[],
): string =>
  [
    "# Written by muster-agent at each start, and at each rotation of the cluster's secret.",
    ...people,
    ...clusterPublicKeys.map((key) => `${OF_NODES} ${key} muster-nodes`),
    "",
  ].join("\n");
