import { useState } from "preact/hooks";
import type { ApiProblem, Change, ClusterView } from "../../api.js";
import { post, problemIn } from "../lib/api.js";
import { mayDeclare, useConsole } from "../lib/console.js";
import { shutdownOf } from "../lib/shutdown-words.js";
import { atTime } from "../lib/words.js";
import { IDLE } from "../pages/cluster-form.js";
import { Facts, Problem, Status, When } from "./basics.js";
import { ChangeDialog } from "./change-dialog.js";
import { Dialog } from "./dialog.js";
import { SelectField } from "./fields.js";

const KEPT_MINUTES = 60;

/** The time to a cluster's auto-shutdown, and each source of activity. */
export function Shutdown({
  cluster,
  refresh,
}: {
  readonly cluster: ClusterView;
  readonly refresh: () => void;
}) {
  const { place, say } = useConsole();
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [isChanging, setChanging] = useState(false);
  const { activity } = cluster;
  const mayKeep = !place.isReadOnly && (cluster.status === "FINISHED" || cluster.status === "FAILED");
  const keep = async (): Promise<void> => {
    try {
      const body = { minutes: KEPT_MINUTES };
      const kept = await post<{ keepAliveUntil: string }>(`/api/clusters/${cluster.uuid}/keep-alive`, body);
      say(`Cluster ${cluster.name} does not park before ${atTime(kept.keepAliveUntil)}.`);
      refresh();
    } catch (error) {
      setProblem(problemIn(error));
    }
  };
  return (
    <section aria-labelledby="shutdown">
      <h2 id="shutdown">Auto-shutdown</h2>
      <p class="big">{shutdownOf(cluster) || "–"}</p>
      <Facts
        facts={[
          [
            "Idle timeout",
            activity.idleTimeoutMinutes === null ? "never" : `${activity.idleTimeoutMinutes} min`,
          ],
          ["Idle since", activity.idleSince === null ? null : <When at={activity.idleSince} />],
          ["Parks at", activity.parksAt === null ? null : atTime(activity.parksAt)],
          ["Kept until", activity.keepAliveUntil === null ? null : atTime(activity.keepAliveUntil)],
        ]}
      />
      <table class="list compact">
        <caption class="unseen">Sources of activity</caption>
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">State</th>
            <th scope="col">Last active</th>
          </tr>
        </thead>
        <tbody>
          {activity.sources.map(({ source, state, lastAt, detail }) => (
            <tr key={source}>
              <th scope="row">
                {source}
                {detail === null ? null : <small class="faint"> {detail}</small>}
              </th>
              <td data-label="State">
                <Status of={state} />
              </td>
              <td data-label="Last active">
                <When at={lastAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="actions">
        {mayKeep ? (
          <button type="button" class="button small" onClick={() => void keep()}>
            Keep it for an hour
          </button>
        ) : null}
        {mayDeclare(place) && cluster.isDeclared === true ? (
          <button type="button" class="button small" onClick={() => setChanging(true)}>
            Change the idle timeout
          </button>
        ) : null}
      </div>
      {problem === null ? null : <Problem problem={problem} />}
      {isChanging ? <IdleDialog cluster={cluster} onClose={() => setChanging(false)} /> : null}
    </section>
  );
}

function IdleDialog({ cluster, onClose }: { readonly cluster: ClusterView; readonly onClose: () => void }) {
  const [idle, setIdle] = useState(String(cluster.activity.idleTimeoutMinutes ?? ""));
  const [change, setChange] = useState<Change | null>(null);
  const title = `Idle timeout of cluster ${cluster.name}`;
  const known = IDLE.some(([value]) => value === idle) ? IDLE : [...IDLE, [idle, `${idle} minutes`] as const];
  if (change !== null) return <ChangeDialog title={title} change={change} onClose={onClose} />;
  return (
    <Dialog title={title} onClose={onClose}>
      <SelectField label="Cluster auto shutdown" value={idle} options={known} onValue={setIdle} />
      <footer>
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="button primary"
          onClick={() =>
            setChange({
              ...{ kind: "set-cluster", name: cluster.name },
              values: { idleTimeoutMinutes: idle === "" ? null : Number(idle) },
            })
          }
        >
          Show the change
        </button>
      </footer>
    </Dialog>
  );
}
