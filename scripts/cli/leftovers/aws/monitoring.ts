import {
  type CloudWatchClient,
  paginateDescribeAlarms,
  paginateListDashboards,
} from "@aws-sdk/client-cloudwatch";
import type { LeftoverProbe } from "../probe.js";
import { collectPages } from "./tags.js";

/** What CloudWatch shows of clusters. Muster names all of it: alarms' tags would take a call for each. */
export function monitoringProbes(client: CloudWatchClient): LeftoverProbe[] {
  return [
    {
      what: "alarms",
      list: async () =>
        collectPages(
          paginateDescribeAlarms({ client }, {}),
          (page) => page.MetricAlarms,
          ({ AlarmName = "", AlarmArn = "" }) => ({
            kind: "alarm",
            id: AlarmName,
            arn: AlarmArn,
            status: "live",
          }),
        ),
    },
    {
      what: "dashboards",
      list: async () =>
        collectPages(
          paginateListDashboards({ client }, {}),
          (page) => page.DashboardEntries,
          ({ DashboardName = "" }) => ({ kind: "dashboard", id: DashboardName, status: "live" }),
        ),
    },
  ];
}
