import { useState } from "preact/hooks";
import type { NodeView } from "../../api.js";
import { counted } from "../lib/words.js";
import { Pages, Status } from "./basics.js";

const NODES_PAGE = 50;

/** A cluster's nodes, fifty to a page. */
export function NodeTable({ nodes }: { readonly nodes: readonly NodeView[] }) {
  const [page, setPage] = useState(0);
  return (
    <section aria-labelledby="nodes">
      <h2 id="nodes">
        Nodes <span class="faint">{counted(nodes.length, "node")}</span>
      </h2>
      {nodes.length === 0 ? <p class="faint">No node has reported yet.</p> : null}
      {nodes.length === 0 ? null : (
        <table class="list">
          <caption class="unseen">Nodes</caption>
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">State</th>
              <th scope="col">Private address</th>
              <th scope="col">Public address</th>
              <th scope="col">Kind</th>
              <th scope="col">Cores</th>
              <th scope="col">Failing probes</th>
            </tr>
          </thead>
          <tbody>
            {nodes.slice(page * NODES_PAGE, (page + 1) * NODES_PAGE).map((node) => (
              <tr key={node.id}>
                <th scope="row">
                  <code>{node.id}</code>
                </th>
                <td data-label="State">
                  <Status of={node.state} />
                </td>
                <td data-label="Private address">
                  <code>{node.address}</code>
                </td>
                <td data-label="Public address">{node.publicAddress ?? "–"}</td>
                <td data-label="Kind">{node.kind}</td>
                <td data-label="Cores" class="number">
                  {node.cores}
                </td>
                <td data-label="Failing probes">{node.failingProbes.join(", ") || "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Pages page={page} pageSize={NODES_PAGE} total={nodes.length} onPage={setPage} />
    </section>
  );
}
