import type { JobDraft } from "../lib/job-draft.js";
import { AreaField, CheckField, ChoiceField, SelectField, TextField } from "../parts/fields.js";

/** The parts of a job's form: each sets fields of the draft. */
interface Part {
  readonly form: JobDraft;
  readonly set: <K extends keyof JobDraft>(name: K) => (value: JobDraft[K]) => void;
}

export const ScheduleFields = ({ form, set }: Part) => (
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

export function ScriptFields({ form, set }: Part) {
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

export const SourceFields = ({ form, set }: Part) => (
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

export const AdvancedFields = ({ form, set }: Part) => (
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
