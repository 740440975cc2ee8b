import type { GatewayCall, Supplements } from "./supplement.js";

const POLICY = /^MixedInstancesPolicy\./;
const OTHER_LAUNCH = /^LaunchTemplate\.|^LaunchConfigurationName$/;

/**
 * Groups keep what they start: an update that does not speak of it leaves it as it is, but the emulator forgets a group's mixed
 * instances then. `scaling` are the supplements of Auto Scaling, which see the completed request.
 */
export function mixedInstances(scaling: Supplements): Supplements {
  const policies = new Map<string, readonly [string, string][]>();

  /** The policy of the group after this call, where the call does not say it itself. */
  function keptPolicy({ operation, request }: GatewayCall): readonly [string, string][] {
    const key = `${operation.region}/${request.form.get("AutoScalingGroupName")}`;
    const given = [...request.form].filter(([name]) => POLICY.test(name));
    const names = [...request.form.keys()];
    if (given.length > 0) policies.set(key, given);
    else if (names.some((name) => OTHER_LAUNCH.test(name))) policies.delete(key);
    return given.length > 0 ? [] : (policies.get(key) ?? []);
  }

  const completed = (action: string) => async (call: GatewayCall) => {
    const kept = keptPolicy(call);
    const inner = scaling[action];
    if (kept.length === 0) return inner?.(call);
    const form = new URLSearchParams([...call.request.form, ...kept]);
    const body = Buffer.from(form.toString());
    const ask: GatewayCall["ask"] = (change = {}) => call.ask({ body, ...change });
    return (await inner?.({ ...call, request: { ...call.request, form }, body, ask })) ?? ask();
  };

  const actions = ["autoscaling.CreateAutoScalingGroup", "autoscaling.UpdateAutoScalingGroup"];
  return { ...scaling, ...Object.fromEntries(actions.map((action) => [action, completed(action)])) };
}
