import { useState } from "preact/hooks";
import type { ApiProblem, Change, ClusterView, TaskView } from "../../api.js";
import { post, problemIn } from "../lib/api.js";
import { mayDeclare, useConsole } from "../lib/console.js";
import { Problem } from "../parts/basics.js";
import { ChangeDialog } from "../parts/change-dialog.js";
import { Dialog } from "../parts/dialog.js";
import { CheckField, TextField } from "../parts/fields.js";

type Asked = "park" | "resize" | "remove" | null;

/** What can be done with a cluster: park, resume, resize, remove. */
export function Actions({
  cluster,
  refresh,
}: {
  readonly cluster: ClusterView;
  readonly refresh: () => void;
}) {
  const { place, showTask } = useConsole();
  const [asked, setAsked] = useState<Asked>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  if (place.isReadOnly) return null;
  const isParked = cluster.status === "PARKED";
  const isClosed = cluster.status === "REMOVING";
  const start = async (what: string, body: unknown = {}): Promise<void> => {
    setAsked(null);
    setProblem(null);
    try {
      showTask((await post<TaskView>(`/api/clusters/${cluster.uuid}/${what}`, body)).id);
      refresh();
    } catch (error) {
      setProblem(problemIn(error));
    }
  };
  const remove: Change = { kind: "remove-cluster", name: cluster.name };
  return (
    <>
      {isParked ? (
        <button type="button" class="button primary" onClick={() => void start("resume")}>
          Resume
        </button>
      ) : (
        <button type="button" class="button" disabled={isClosed} onClick={() => setAsked("park")}>
          Park
        </button>
      )}
      <button type="button" class="button" disabled={isClosed || isParked} onClick={() => setAsked("resize")}>
        Resize
      </button>
      {mayDeclare(place) ? (
        <button
          type="button"
          class="button danger"
          disabled={cluster.isDeclared !== true}
          title={cluster.isDeclared === true ? undefined : "muster.yaml here does not declare it"}
          onClick={() => setAsked("remove")}
        >
          Remove
        </button>
      ) : null}
      {problem === null ? null : <Problem problem={problem} />}
      {asked === "park" ? (
        <ParkDialog
          name={cluster.name}
          onClose={() => setAsked(null)}
          onPark={(body) => void start("park", body)}
        />
      ) : null}
      {asked === "resize" ? (
        <ResizeDialog
          cluster={cluster}
          onClose={() => setAsked(null)}
          onResize={(body) => void start("resize", body)}
        />
      ) : null}
      {asked === "remove" ? (
        <ChangeDialog
          title={`Remove cluster ${cluster.name}`}
          change={remove}
          isRemoval
          onClose={() => setAsked(null)}
        />
      ) : null}
    </>
  );
}

function ParkDialog({
  name,
  onClose,
  onPark,
}: {
  readonly name: string;
  readonly onClose: () => void;
  readonly onPark: (body: { readonly cancelJobs: boolean }) => void;
}) {
  const [cancelJobs, setCancelJobs] = useState(false);
  return (
    <Dialog title={`Park cluster ${name}`} onClose={onClose}>
      <p>
        Its nodes are given up until there is work again. /shared and all records stay, and Terraform's plan
        stays empty.
      </p>
      <CheckField label="Cancel the jobs that run or wait" isOn={cancelJobs} onValue={setCancelJobs} />
      <footer>
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="button primary" onClick={() => onPark({ cancelJobs })}>
          Park
        </button>
      </footer>
    </Dialog>
  );
}

function ResizeDialog({
  cluster,
  onClose,
  onResize,
}: {
  readonly cluster: ClusterView;
  readonly onClose: () => void;
  readonly onResize: (body: { readonly nodes: number; readonly afterJob: boolean }) => void;
}) {
  const { place } = useConsole();
  const [nodes, setNodes] = useState(String(cluster.desiredNodes));
  const [afterJob, setAfterJob] = useState(false);
  const [change, setChange] = useState<Change | null>(null);
  if (change !== null)
    return <ChangeDialog title={`Resize cluster ${cluster.name}`} change={change} onClose={onClose} />;
  return (
    <Dialog title={`Resize cluster ${cluster.name}`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          onResize({ nodes: Number(nodes), afterJob });
        }}
      >
        <TextField
          label="Number of nodes"
          type="number"
          required
          min={1}
          max={1000}
          value={nodes}
          onValue={setNodes}
        />
        <CheckField
          label="Wait until no job runs, instead of refusing"
          isOn={afterJob}
          onValue={setAfterJob}
        />
        <p class="hint">
          At once: the next deploy makes it again what muster.yaml declares. To keep it, change what is
          declared.
        </p>
        <footer>
          {mayDeclare(place) && cluster.isDeclared === true ? (
            <button
              type="button"
              class="button"
              onClick={() =>
                setChange({ kind: "set-cluster", name: cluster.name, values: { nodes: Number(nodes) } })
              }
            >
              Declare and deploy
            </button>
          ) : null}
          <button type="submit" class="button primary">
            Resize at once
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
