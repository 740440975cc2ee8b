import { useState } from "preact/hooks";
import type { UsageView } from "../../api.js";
import { withQuery } from "../lib/api.js";
import { useLive } from "../lib/live.js";
import { Empty, Heading, Loading, Problem } from "../parts/basics.js";
import { SelectField } from "../parts/fields.js";
import { UsageChart } from "../parts/usage-chart.js";

const MONTHS = 13;
const GROUPS = [
  ["cluster", "Cluster"],
  ["type", "Instance type"],
  ["user", "User (jobs that have ended)"],
  ["job", "Job"],
] as const;

/** The months up to this one of UTC, the last one first. */
function lastMonths(): readonly string[] {
  const now = new Date();
  return Array.from({ length: MONTHS }, (_, back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7),
  );
}

const hours = (minutes: number): string =>
  (minutes / 60).toLocaleString(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const usd = (cost: number | null): string =>
  cost === null
    ? "–"
    : cost.toLocaleString(undefined, { style: "currency", currency: "USD", currencyDisplay: "code" });

/** A cluster's key has its UUID behind its name. */
const Key = ({ of, uuid }: { readonly of: string; readonly uuid: string | null }) =>
  uuid !== null && of.endsWith(` (${uuid})`) ? (
    <>
      {of.slice(0, -uuid.length - 3)} <small class="faint">{uuid}</small>
    </>
  ) : (
    <span>{of}</span>
  );

export function UsagePage() {
  const months = lastMonths();
  const [month, setMonth] = useState(months[0] ?? "");
  const [by, setBy] = useState("cluster");
  const usage = useLive<UsageView>(withQuery("/api/usage", { month, by }), null);
  const of = usage.data;
  return (
    <>
      <Heading
        title="Usage"
        lead="Node minutes, from when all nodes were ready until they were no longer wanted."
      >
        <a class="button" href={withQuery("/api/usage.csv", { month, by })} download>
          Download CSV
        </a>
      </Heading>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <SelectField
          label="Month (UTC)"
          value={month}
          options={months.map((one) => [one, one] as const)}
          onValue={setMonth}
        />
        <SelectField label="Sum by" value={by} options={GROUPS} onValue={setBy} />
      </form>
      {usage.problem === null ? null : <Problem problem={usage.problem} onAgain={usage.refresh} />}
      {of === null && usage.problem === null ? <Loading what="the usage" /> : null}
      {of === null || of.rows.length > 0 ? null : (
        <Empty title={`Nothing was used in ${of.month}`}>
          <p>A cluster that is parked, or whose create failed, uses nothing.</p>
        </Empty>
      )}
      {of === null || of.rows.length === 0 ? null : (
        <>
          <dl class="figures">
            <div>
              <dt>Node hours</dt>
              <dd>{hours(of.minutes)}</dd>
            </div>
            <div>
              <dt>List price</dt>
              <dd>{usd(of.costUsd)}</dd>
            </div>
          </dl>
          {of.pricesProblem === null ? null : (
            <p class="note info lines">Costs are left out: {of.pricesProblem}</p>
          )}
          {of.unpriced.length === 0 ? null : (
            <p class="note info lines">
              The list price leaves out rows with {of.unpriced.join(", ")}: no price of that is known.
            </p>
          )}
          {of.days.length === 0 ? null : <UsageChart days={of.days} month={of.month} />}
          <table class="list">
            <caption class="unseen">Usage of {of.month}</caption>
            <thead>
              <tr>
                <th scope="col">{GROUPS.find(([group]) => group === of.by)?.[1]}</th>
                <th scope="col">Nodes</th>
                <th scope="col">Node hours</th>
                <th scope="col">List price</th>
              </tr>
            </thead>
            <tbody>
              {of.rows.map((row) => (
                <tr key={row.key}>
                  <th scope="row">
                    <Key of={row.key} uuid={row.clusterUuid} />
                  </th>
                  <td data-label="Nodes">{row.instanceTypes.join(", ")}</td>
                  <td data-label="Node hours" class="number">
                    {hours(row.minutes)}
                  </td>
                  <td data-label="List price" class="number">
                    {usd(row.costUsd)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  );
}
