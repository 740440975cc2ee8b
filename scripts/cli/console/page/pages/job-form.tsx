import { useState } from "preact/hooks";
import type { ApiProblem, Change, ClusterView, JobRow } from "../../api.js";
import { post, problemIn } from "../lib/api.js";
import { mayDeclare, useConsole } from "../lib/console.js";
import { BLANK_JOB, bodyOf, definitionOf, type JobDraft } from "../lib/job-draft.js";
import { goTo } from "../lib/route.js";
import { Problem } from "../parts/basics.js";
import { ChangeDialog } from "../parts/change-dialog.js";
import { Dialog } from "../parts/dialog.js";
import { ChoiceField, SelectField, TextField } from "../parts/fields.js";
import { AdvancedFields, ScheduleFields, ScriptFields, SourceFields } from "./job-form-fields.js";

/** Submits a job; or declares a definition, where it is to run by a schedule. */
export function JobForm({
  clusters,
  cluster,
  onClose,
}: {
  readonly clusters: readonly ClusterView[];
  readonly cluster: string | null;
  readonly onClose: () => void;
}) {
  const { place } = useConsole();
  const open = clusters.filter(({ status }) => status !== "REMOVING");
  const [form, setForm] = useState<JobDraft>({ ...BLANK_JOB, cluster: cluster ?? open[0]?.uuid ?? "" });
  // The same key for each press: a job is submitted once.
  const [key] = useState(() => crypto.randomUUID());
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [change, setChange] = useState<Change | null>(null);
  const [isBusy, setBusy] = useState(false);
  const set =
    <K extends keyof JobDraft>(name: K) =>
    (value: JobDraft[K]) =>
      setForm((last) => ({ ...last, [name]: value }));
  const chosen = open.find(({ uuid }) => uuid === form.cluster);
  const isScheduled = form.when !== "now";

  const submit = async (): Promise<void> => {
    setProblem(null);
    if (isScheduled)
      return setChange({
        ...{ kind: "add-definition", cluster: chosen?.name ?? "" },
        definition: definitionOf(form),
      });
    setBusy(true);
    try {
      const job = await post<JobRow>(`/api/jobs/${form.cluster}`, { key, ...bodyOf(form) });
      onClose();
      goTo("jobs", job.clusterUuid, job.id);
    } catch (error) {
      setProblem(problemIn(error));
      setBusy(false);
    }
  };

  if (change !== null)
    return (
      <ChangeDialog
        title={`Create job definition ${form.name}`}
        change={change}
        onClose={() => setChange(null)}
        onDone={onClose}
      />
    );
  return (
    <Dialog title="Create a job" onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <SelectField
          label="Cluster"
          hint={chosen?.status === "PARKED" ? "It is parked: the job gives it its nodes back." : undefined}
          value={form.cluster}
          options={open.map(({ uuid, name, status }) => [uuid, `${name} (${status})`] as const)}
          onValue={set("cluster")}
        />
        <ChoiceField
          label="Schedule"
          value={form.when}
          options={[
            ["now", "Now"],
            ...(mayDeclare(place)
              ? ([
                  ["at", "Once, later"],
                  ["cron", "Again and again"],
                ] as const)
              : []),
          ]}
          onValue={set("when")}
        />
        {isScheduled ? <ScheduleFields form={form} set={set} /> : null}
        <ChoiceField
          label="What to run"
          value={form.what}
          options={[
            ["command", "A command"],
            ...(isScheduled ? [] : ([["script", "A Python file"]] as const)),
          ]}
          onValue={set("what")}
        />
        {form.what === "script" && !isScheduled ? (
          <ScriptFields form={form} set={set} />
        ) : (
          <>
            <TextField
              label="Command"
              required
              placeholder="ex.py 1"
              hint="What follows `mpiexec -n CORES python`; split into words, no shell."
              value={form.command}
              onValue={set("command")}
            />
            <SourceFields form={form} set={set} />
          </>
        )}
        <AdvancedFields form={form} set={set} />
        {problem === null ? null : <Problem problem={problem} />}
        <footer>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={isBusy || chosen === undefined}>
            {isScheduled ? "Show the change" : "Submit"}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
