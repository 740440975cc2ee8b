import { useState } from "preact/hooks";
import type { Change } from "../../api.js";
import { ChangeDialog } from "../parts/change-dialog.js";
import { Dialog } from "../parts/dialog.js";
import { AreaField, CheckField, SelectField, TextField } from "../parts/fields.js";

const TYPES = [
  "c5.xlarge",
  "c5.4xlarge",
  "c5n.18xlarge",
  "c6i.8xlarge",
  "c7a.16xlarge",
  "hpc7a.96xlarge",
  "m6i.4xlarge",
  "r6i.8xlarge",
];
export const IDLE: readonly (readonly [string, string])[] = [
  ["", "Never"],
  ["15", "15 minutes"],
  ["30", "30 minutes"],
  ["60", "1 hour"],
  ["120", "2 hours"],
  ["480", "8 hours"],
];
const BLANK = {
  name: "",
  nodes: "2",
  instanceType: "c5.xlarge",
  idle: "60",
  efa: false,
  zone: "1",
  spot: false,
  disk: "",
  family: "",
  orgFolder: false,
  keys: "",
  from: "",
};

const linesOf = (text: string): readonly string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

function changeOf(form: typeof BLANK): Change {
  const [sshKeys, allowFrom] = [linesOf(form.keys), linesOf(form.from)];
  return {
    kind: "add-cluster",
    cluster: {
      name: form.name.trim(),
      nodes: Number(form.nodes),
      instanceType: form.instanceType.trim(),
      efa: form.efa ? true : null,
      idleTimeoutMinutes: form.idle === "" ? null : Number(form.idle),
      zone: form.zone === "1" ? null : Number(form.zone),
      spot: form.spot ? true : null,
      rootVolumeGiB: form.disk === "" ? null : Number(form.disk),
      image: form.family.trim() === "" ? null : { family: form.family.trim() },
      orgFolder: form.orgFolder ? true : null,
      access: sshKeys.length + allowFrom.length === 0 ? null : { sshKeys, allowFrom },
    },
  };
}

/** Declares a new cluster. */
export function ClusterForm({ onClose }: { readonly onClose: () => void }) {
  const [form, setForm] = useState(BLANK);
  const [change, setChange] = useState<Change | null>(null);
  const set =
    <K extends keyof typeof BLANK>(key: K) =>
    (value: (typeof BLANK)[K]) =>
      setForm((last) => ({ ...last, [key]: value }));
  if (change !== null)
    return (
      <ChangeDialog
        title={`Create cluster ${form.name}`}
        change={change}
        onClose={() => setChange(null)}
        onDone={onClose}
      />
    );
  return (
    <Dialog title="Create a cluster" onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          setChange(changeOf(form));
        }}
      >
        <TextField
          label="Name"
          required
          pattern="[a-z]([a-z0-9\-]{0,30}[a-z0-9])"
          title="2 to 32 lower-case letters, digits and hyphens, a letter first"
          hint="Lower-case letters, digits and hyphens; unique in the org."
          value={form.name}
          onValue={set("name")}
        />
        <div class="pair">
          <TextField
            label="Instance type"
            required
            list="types"
            value={form.instanceType}
            onValue={set("instanceType")}
          />
          <TextField
            label="Number of nodes"
            required
            type="number"
            min={1}
            max={1000}
            value={form.nodes}
            onValue={set("nodes")}
          />
        </div>
        <datalist id="types">
          {TYPES.map((type) => (
            <option key={type} value={type} />
          ))}
        </datalist>
        <CheckField
          label="Elastic Fabric Adapter (EFA)"
          hint="For instance types that have one; jobs then run with Intel MPI."
          isOn={form.efa}
          onValue={set("efa")}
        />
        <SelectField
          label="Cluster auto shutdown"
          hint="Without a job, notebook, ssh session or due schedule for so long, its nodes are given up. A job gets new ones."
          value={form.idle}
          options={IDLE}
          onValue={set("idle")}
        />
        <details>
          <summary>Advanced</summary>
          <div class="pair">
            <SelectField
              label="Zone"
              hint="2 where the first one lacks capacity."
              value={form.zone}
              options={[
                ["1", "1"],
                ["2", "2"],
              ]}
              onValue={set("zone")}
            />
            <TextField
              label="Disk of each node, GiB"
              type="number"
              min={8}
              max={16384}
              placeholder="30"
              value={form.disk}
              onValue={set("disk")}
            />
          </div>
          <TextField
            label="Image family"
            placeholder="mpi"
            hint="The newest of your own AMIs of the family."
            value={form.family}
            onValue={set("family")}
          />
          <CheckField
            label="Spot instances"
            hint="Cheaper; AWS may take them back."
            isOn={form.spot}
            onValue={set("spot")}
          />
          <CheckField
            label="Mount the org's folder at /shared-org"
            isOn={form.orgFolder}
            onValue={set("orgFolder")}
          />
          <AreaField label="SSH public keys, one a line" rows={3} value={form.keys} onValue={set("keys")} />
          <AreaField
            label="Access from IP addresses, one a line"
            rows={2}
            hint={
              <>
                Like 203.0.113.7/32; <code>muster my-ip</code> prints yours. The nodes then have public
                addresses.
              </>
            }
            value={form.from}
            onValue={set("from")}
          />
        </details>
        <footer>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Show the change
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
