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
        (await collectPages(paginateDescribeAlarms({ client }, {}), (page) => page.MetricAlarms)).map(
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
        (await collectPages(paginateListDashboards({ client }, {}), (page) => page.DashboardEntries)).map(
          ({ DashboardName = "" }) => ({ kind: "dashboard", id: DashboardName, status: "live" }),
        ),
    },
  ];
}
