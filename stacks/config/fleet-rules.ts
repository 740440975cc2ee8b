import { budgetProblems } from "./budget.js";
import type { DeepPartial } from "./draft.js";
import { hasEfa, isArm, typesWithEfaNear } from "./efa-types.js";
import { type Path, type Problem, renderValue } from "./problem.js";
import type { ClusterSettings } from "./schema.js";
import { volumeProblems } from "./volume-rules.js";

type DraftCluster = DeepPartial<ClusterSettings>;
type ClusterRule = (cluster: DraftCluster) => Problem[];

/** Burstable, flex and Mac instances can't be in a cluster placement group. */
const UNPLACEABLE_TYPE = /^(?:t[0-9]|mac)|-flex\./;
const DEFAULT_TYPE = "c5.xlarge";

/** The rules across a fleet's options; paths start at the cluster. Pure. */
export function fleetProblems(cluster: DraftCluster): Problem[] {
  return [...FLEET_RULES, budgetProblems].flatMap((rule) => rule(cluster));
}

const refuse = (path: Path, value: unknown, allowed: string): Problem => ({
  path,
  message: `got ${renderValue(value)}; allowed: ${allowed}`,
});

/** Each type that the cluster names, with its place. */
function namedTypes({ instanceType, instanceTypes }: DraftCluster): { type: string; path: Path }[] {
  if (instanceTypes === undefined) {
    return instanceType === undefined ? [] : [{ type: instanceType, path: ["instanceType"] }];
  }
  return instanceTypes.flatMap((type, index) =>
    type === undefined ? [] : [{ type, path: ["instanceTypes", index] }],
  );
}

const typesCanBePlaced: ClusterRule = (cluster) =>
  namedTypes(cluster).flatMap(({ type, path }) =>
    UNPLACEABLE_TYPE.test(type)
      ? [
          refuse(
            path,
            type,
            "a type that can be in a cluster placement group (not burstable, flex or mac), such as c5.large",
          ),
        ]
      : [],
  );

const typesHaveEfa: ClusterRule = (cluster) => {
  if (cluster.efa !== true) return [];
  return namedTypes(cluster).flatMap(({ type, path }) => {
    const near = `such as ${typesWithEfaNear(type).join(", ")}`;
    if (hasEfa(type) === false)
      return [refuse(path, type, `with efa: true a type that has an Elastic Fabric Adapter, ${near}`)];
    if (!isArm(type)) return [];
    return [refuse(path, type, `with efa: true an x86-64 type, as Intel MPI is for those alone, ${near}`)];
  });
};

const efaHasItsRuntime: ClusterRule = ({ efa, runtime }) =>
  efa === true && runtime === "mpich"
    ? [
        refuse(
          ["runtime"],
          runtime,
          "with efa: true only intel: the image's MPICH is built on UCX, which does not drive EFA",
        ),
      ]
    : [];

const efaIsInOneZone: ClusterRule = ({ efa, zones }) =>
  efa === true && zones !== undefined && zones.length > 1
    ? [refuse(["zones"], zones, "with efa: true one zone: EFA's traffic does not leave a zone")]
    : [];

const oneWayToSay: ClusterRule = ({ instanceType, instanceTypes, zone, zones }) => [
  ...(instanceTypes !== undefined && instanceType !== undefined && instanceType !== DEFAULT_TYPE
    ? [refuse(["instanceType"], instanceType, "either instanceType or instanceTypes")]
    : []),
  ...(zones !== undefined && zone === 2 ? [refuse(["zone"], zone, "either zone or zones")] : []),
];

const spotFits: ClusterRule = ({ spot, spotMaxPriceUsd, capacityReservationId }) => [
  ...(spotMaxPriceUsd !== undefined && spot !== true
    ? [refuse(["spotMaxPriceUsd"], spotMaxPriceUsd, "only with spot: true")]
    : []),
  ...(capacityReservationId !== undefined && spot === true
    ? [refuse(["capacityReservationId"], capacityReservationId, "only without spot: it is for On-Demand")]
    : []),
];

const reservationFits: ClusterRule = ({ capacityReservationId, instanceTypes = [], zones = [] }) => {
  if (capacityReservationId === undefined || (instanceTypes.length < 2 && zones.length < 2)) return [];
  const allowed = "only with one instance type and one zone, which are those of the reservation";
  return [refuse(["capacityReservationId"], capacityReservationId, allowed)];
};

/** A refused address is there, without its value. */
const proxyIsNamed: ClusterRule = ({ proxy }) =>
  proxy === undefined || "http" in proxy || "https" in proxy
    ? []
    : [refuse(["proxy"], proxy, "at least one of http and https")];

const FLEET_RULES: readonly ClusterRule[] = [
  typesCanBePlaced,
  typesHaveEfa,
  efaHasItsRuntime,
  efaIsInOneZone,
  oneWayToSay,
  spotFits,
  reservationFits,
  proxyIsNamed,
  volumeProblems,
];
