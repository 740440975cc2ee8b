import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiProblem, NotebookEntrance, NotebookView, TaskView } from "../../api.js";
import { post, problemIn } from "../lib/api.js";
import { mayDeclare, useConsole } from "../lib/console.js";
import { useLive } from "../lib/live.js";
import { linkTo } from "../lib/route.js";
import { counted } from "../lib/words.js";
import { Empty, Heading, Loading, Problem, Status, When } from "../parts/basics.js";
import { ChangeDialog } from "../parts/change-dialog.js";
import { Dialog } from "../parts/dialog.js";
import { CheckField } from "../parts/fields.js";
import { NotebookForm } from "./notebook-form.js";

const EVERY_MS = 4_000;

export function NotebooksPage() {
  const { place } = useConsole();
  const notebooks = useLive<readonly NotebookView[]>("/api/notebooks", EVERY_MS);
  const [isCreating, setCreating] = useState(false);
  const all = notebooks.data;
  return (
    <>
      <Heading title="Notebooks" lead={all === null ? undefined : counted(all.length, "notebook")}>
        {mayDeclare(place) ? (
          <button type="button" class="button primary" onClick={() => setCreating(true)}>
            Create notebook
          </button>
        ) : null}
      </Heading>
      {notebooks.problem === null ? null : (
        <Problem problem={notebooks.problem} onAgain={notebooks.refresh} />
      )}
      {all === null && notebooks.problem === null ? <Loading what="the notebooks" /> : null}
      {all?.length === 0 ? (
        <Empty title="No notebook yet">
          <p>
            A notebook is JupyterLab on a node of its own, attached to a cluster. Its home outlives the node.
          </p>
        </Empty>
      ) : null}
      <ul class="cards wide">
        {all?.map((notebook) => (
          <NotebookCard key={notebook.name} notebook={notebook} refresh={notebooks.refresh} />
        ))}
      </ul>
      {isCreating ? <NotebookForm onClose={() => setCreating(false)} /> : null}
    </>
  );
}

type Asked = "stop" | "remove" | null;

function NotebookCard({
  notebook,
  refresh,
}: {
  readonly notebook: NotebookView;
  readonly refresh: () => void;
}) {
  const { place, showTask } = useConsole();
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [asked, setAsked] = useState<Asked>(null);
  const [entrance, setEntrance] = useState<NotebookEntrance | null>(null);
  const { name, status } = notebook;
  const act = async (work: () => Promise<void>): Promise<void> => {
    setProblem(null);
    setAsked(null);
    try {
      await work();
      refresh();
    } catch (error) {
      setProblem(problemIn(error));
    }
  };
  const start = (what: "open" | "start") =>
    act(async () => showTask((await post<TaskView>(`/api/notebooks/${name}/${what}`)).id));
  const enter = () =>
    act(async () => setEntrance(await post<NotebookEntrance>(`/api/notebooks/${name}/enter`)));
  const isAwake = status === "FINISHED" || status === "INPROGRESS";
  return (
    <li class="card">
      <span>
        <strong>{name}</strong>
        <Status of={status} />
      </span>
      <p>
        {notebook.describes}
        {notebook.clusterName === null ? null : (
          <>
            {" "}
            · on <a href={linkTo("clusters", notebook.clusterUuid)}>{notebook.clusterName}</a>
          </>
        )}
      </p>
      <p class="faint">
        {[
          notebook.instanceType,
          notebook.kernels === null ? null : counted(notebook.kernels, "kernel"),
          notebook.busyKernels === null ? null : `${notebook.busyKernels} working`,
        ]
          .filter((text) => text !== null)
          .join(", ")}
        {notebook.parksAt === null ? null : (
          <>
            {" "}
            · parks <When at={notebook.parksAt} />
          </>
        )}
      </p>
      {notebook.why === null ? null : <p class="lines faint">{notebook.why}</p>}
      {place.isReadOnly ? null : (
        <div class="actions">
          {notebook.isOpen ? (
            <button type="button" class="button primary" onClick={() => void enter()}>
              Open notebook
            </button>
          ) : (
            <button type="button" class="button primary" onClick={() => void start("open")}>
              {status === "PARKED" ? "Start and connect" : "Connect"}
            </button>
          )}
          {isAwake ? (
            <button type="button" class="button" onClick={() => setAsked("stop")}>
              Stop
            </button>
          ) : (
            <button type="button" class="button" onClick={() => void start("start")}>
              Start
            </button>
          )}
          {mayDeclare(place) && notebook.clusterName !== null ? (
            <button type="button" class="button" onClick={() => setAsked("remove")}>
              Remove
            </button>
          ) : null}
        </div>
      )}
      {problem === null ? null : <Problem problem={problem} />}
      {entrance === null ? null : <Entrance entrance={entrance} onSent={() => setEntrance(null)} />}
      {asked === "stop" ? (
        <StopDialog
          notebook={notebook}
          onClose={() => setAsked(null)}
          onStop={(endKernels) =>
            void act(async () => void (await post(`/api/notebooks/${name}/stop`, { endKernels })))
          }
        />
      ) : null}
      {asked === "remove" ? (
        <ChangeDialog
          title={`Remove notebook ${name}`}
          isRemoval
          change={{ kind: "remove-notebook", cluster: notebook.clusterName ?? "", name }}
          onClose={() => setAsked(null)}
        />
      ) : null}
    </li>
  );
}

/** Takes the code to the notebook's own port in a new tab, by POST: it is in no address. */
function Entrance({
  entrance,
  onSent,
}: {
  readonly entrance: NotebookEntrance;
  readonly onSent: () => void;
}) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.submit();
    onSent();
  }, [entrance.code]);
  return (
    <form ref={form} method="post" action={entrance.action} target="_blank" hidden rel="noopener">
      <input type="hidden" name="code" value={entrance.code} />
    </form>
  );
}

function StopDialog({
  notebook: { name, busyKernels },
  onClose,
  onStop,
}: {
  readonly notebook: NotebookView;
  readonly onClose: () => void;
  readonly onStop: (endKernels: boolean) => void;
}) {
  const [endKernels, setEndKernels] = useState(false);
  return (
    <Dialog title={`Stop notebook ${name}`} onClose={onClose}>
      <p>Its kernels and terminals end with its node. Its home stays.</p>
      {(busyKernels ?? 0) > 0 ? (
        <CheckField label="Also while kernels work" isOn={endKernels} onValue={setEndKernels} />
      ) : null}
      <footer>
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="button primary" onClick={() => onStop(endKernels)}>
          Stop
        </button>
      </footer>
    </Dialog>
  );
}
