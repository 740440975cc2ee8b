import type { App } from "cdktf";
import { clusterStackName } from "../agent/contract/names.js";
import { notebookStackName } from "../agent/contract/notebook.js";
import { ClusterStack } from "./cluster-stack.js";
import type { MusterConfig } from "./config/load.js";
import { ImageStack, imageStackName } from "./image-stack.js";
import { NotebookStack } from "./notebook-stack.js";
import { OrgStack } from "./org-stack.js";

/**
 * Declares what muster.yaml asks for: the stack `muster_<org>`, for each image `muster_<org>_image_<family>` and for each
 * cluster `muster_<org>_<cluster>`, deployed after it and destroyed before it, and for each notebook `muster_<org>_notebook_<notebook>`,
 * after and before both. A cluster is deployed after the image that it boots. Names have no underscore,
 * so no two stacks can have the same id.
 */
export function declareStacks(app: App, config: MusterConfig): void {
  const { org, state, preflight } = config;
  const account = config.account === undefined ? {} : { account: config.account };
  const orgStack = new OrgStack(app, `muster_${org.name}`, { org, state, ...account, preflight });
  const images = new Map<string, ImageStack>();
  for (const image of config.images) {
    const id = imageStackName(org.name, image.family);
    const stack = new ImageStack(app, id, { org, state, ...account, image, preflight });
    stack.addDependency(orgStack);
    images.set(image.family, stack);
  }
  for (const { cluster, jobDefinitions, notebooks, bootScriptText } of config.clusters) {
    const stack = new ClusterStack(app, clusterStackName(org.name, cluster.name), {
      org,
      state,
      ...account,
      preflight,
      cluster,
      jobDefinitions,
      bootScriptText,
    });
    stack.addDependency(orgStack);
    const image = images.get(cluster.image.family ?? "");
    if (image !== undefined) stack.addDependency(image);
    for (const notebook of notebooks) {
      const id = notebookStackName(org.name, notebook.name);
      const ofNotebook = new NotebookStack(app, id, {
        ...{ org, state, ...account },
        ...{ notebook, cluster, bootScriptText },
      });
      ofNotebook.addDependency(orgStack);
      ofNotebook.addDependency(stack);
    }
  }
}
