import { useState } from "preact/hooks";
import type { Change, ClusterView } from "../../api.js";
import { useLive } from "../lib/live.js";
import { ChangeDialog } from "../parts/change-dialog.js";
import { Dialog } from "../parts/dialog.js";
import { SelectField, TextField } from "../parts/fields.js";
import { IDLE } from "./cluster-form.js";

/** Declares a new notebook. */
export function NotebookForm({ onClose }: { readonly onClose: () => void }) {
  const clusters = useLive<readonly ClusterView[]>("/api/clusters", null);
  const declared = (clusters.data ?? []).filter(({ isDeclared }) => isDeclared === true);
  const [name, setName] = useState("");
  const [type, setType] = useState("m6i.large");
  const [typed, setCluster] = useState("");
  const [idle, setIdle] = useState("60");
  const [change, setChange] = useState<Change | null>(null);
  const cluster = typed === "" ? (declared[0]?.name ?? "") : typed;
  if (change !== null)
    return (
      <ChangeDialog
        title={`Create notebook ${name}`}
        change={change}
        onClose={() => setChange(null)}
        onDone={onClose}
      />
    );
  return (
    <Dialog title="Create a notebook" onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          const notebook = { name: name.trim(), instanceType: type.trim(), idleTimeoutMinutes: Number(idle) };
          setChange({ kind: "add-notebook", cluster, notebook });
        }}
      >
        <TextField label="Name" required hint="Unique in the org." value={name} onValue={setName} />
        <TextField
          label="Instance type"
          required
          hint="Of the notebook's own node; it runs no work of the cluster."
          value={type}
          onValue={setType}
        />
        <SelectField
          label="Cluster"
          value={cluster}
          options={declared.map((of) => [of.name, of.name] as const)}
          onValue={setCluster}
        />
        <SelectField
          label="Stop without activity for"
          value={idle}
          options={[["0", "Never"], ...IDLE.slice(1)]}
          onValue={setIdle}
        />
        <footer>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={cluster === ""}>
            Show the change
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
