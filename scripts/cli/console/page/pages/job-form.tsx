import { useState } from "preact/hooks";
import type { ApiProblem, Change, ClusterView, JobRow } from "../../api.js";
import { post, problemIn } from "../lib/api.js";
import { mayDeclare, useConsole } from "../lib/console.js";
import { BLANK_JOB, bodyOf, definitionOf, type JobDraft } from "../lib/job-draft.js";
import { goTo } from "../lib/route.js";
import { Problem } from "../parts/basics.js";
import { ChangeDialog } from "../parts/change-dialog.js";
import { Dialog } from "../parts/dialog.js";
import { AreaField, CheckField, ChoiceField, SelectField, TextField } from "../parts/fields.js";

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

interface Part {
  readonly form: JobDraft;
  readonly set: <K extends keyof JobDraft>(name: K) => (value: JobDraft[K]) => void;
}

const ScheduleFields = ({ form, set }: Part) => (
  <>
    <TextField
      label="Name"
      required
      hint="A schedule is of a job definition, which muster.yaml keeps."
      value={form.name}
      onValue={set("name")}
    />
    {form.when === "at" ? (
      <TextField label="At" type="datetime-local" required value={form.at} onValue={set("at")} />
    ) : (
      <div class="pair">
        <TextField
          label="Cron"
          required
          placeholder="30 6 * * 1-5"
          hint="Minute, hour, day of month, month, day of week."
          value={form.cron}
          onValue={set("cron")}
        />
        <TextField label="Time zone" value={form.timeZone} onValue={set("timeZone")} />
      </div>
    )}
  </>
);

function ScriptFields({ form, set }: Part) {
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    set("scriptName")(file.name);
    set("script")(await file.text());
  };
  return (
    <>
      <div class="field">
        <label for="script-file">Read a file of this machine</label>
        <input
          id="script-file"
          type="file"
          accept=".py,text/x-python"
          onChange={({ currentTarget }) => void read(currentTarget.files?.[0])}
        />
      </div>
      <AreaField
        label="Python"
        rows={8}
        hint="Its text is part of the job: no secrets."
        value={form.script}
        onValue={set("script")}
      />
      <TextField
        label="Arguments"
        placeholder="--steps 100"
        value={form.arguments}
        onValue={set("arguments")}
      />
    </>
  );
}

const SourceFields = ({ form, set }: Part) => (
  <>
    <ChoiceField
      label="Source code"
      value={form.source}
      options={[
        ["git", "Git"],
        ["s3", "S3"],
        ["shared", "/shared"],
        ["none", "None"],
      ]}
      onValue={set("source")}
    />
    {form.source === "git" ? (
      <>
        <TextField
          label="Git URL"
          type="url"
          required
          placeholder="https://github.com/acme/models"
          hint="As a browser shows it: of a repository, a branch, a folder or a file."
          value={form.git}
          onValue={set("git")}
        />
        <div class="pair">
          <TextField
            label="Reference"
            placeholder="branch, tag or commit"
            value={form.reference}
            onValue={set("reference")}
          />
          <TextField
            label="Git credentials"
            hint="The name of credentials that the cluster may use (muster git-credentials)."
            value={form.credentials}
            onValue={set("credentials")}
          />
        </div>
      </>
    ) : null}
    {form.source === "s3" ? (
      <TextField
        label="S3 URI"
        required
        placeholder="s3://bucket/prefix/"
        hint="An object, an archive, or with a slash at its end a folder; in the cluster's region."
        value={form.s3}
        onValue={set("s3")}
      />
    ) : null}
    {form.source === "shared" ? (
      <TextField
        label="Folder"
        required
        placeholder="/shared/models"
        value={form.shared}
        onValue={set("shared")}
      />
    ) : null}
  </>
);

const AdvancedFields = ({ form, set }: Part) => (
  <details>
    <summary>Advanced</summary>
    <CheckField
      label="Run with MPI on every core"
      hint="Without: Python runs once, on the head node."
      isOn={form.mpi}
      onValue={set("mpi")}
    />
    <div class="pair">
      <TextField
        label="Processes"
        type="number"
        min={1}
        placeholder="every core"
        value={form.processes}
        onValue={set("processes")}
      />
      <TextField
        label="Processes on each node"
        type="number"
        min={1}
        placeholder="its cores"
        value={form.perNode}
        onValue={set("perNode")}
      />
    </div>
    <div class="pair">
      <TextField
        label="Time limit, minutes"
        type="number"
        min={1}
        placeholder="60"
        value={form.timeout}
        onValue={set("timeout")}
      />
      <TextField
        label="Retries"
        type="number"
        min={0}
        placeholder="0"
        value={form.retries}
        onValue={set("retries")}
      />
    </div>
    <div class="pair">
      <TextField
        label="Requirements"
        placeholder="requirements.txt"
        hint="In the source: installed first."
        value={form.requirements}
        onValue={set("requirements")}
      />
      <TextField label="Folder in the source" value={form.folder} onValue={set("folder")} />
    </div>
    <SelectField
      label="If the cluster is busy"
      value={form.ifBusy}
      options={[
        ["queue", "Wait"],
        ["refuse", "Refuse"],
      ]}
      onValue={(value) => set("ifBusy")(value === "refuse" ? "refuse" : "queue")}
    />
    <AreaField
      label="Environment variables, NAME=value on each line"
      rows={3}
      hint="Stored in plain text: no secrets."
      value={form.variables}
      onValue={set("variables")}
    />
  </details>
);
