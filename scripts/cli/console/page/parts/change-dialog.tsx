import { useEffect, useState } from "preact/hooks";
import type { ApiProblem, Change, PlanView, TaskView } from "../../api.js";
import { post, problemIn } from "../lib/api.js";
import { useConsole } from "../lib/console.js";
import { Loading, Problem } from "./basics.js";
import { Dialog } from "./dialog.js";

/** What a change does to muster.yaml, and the button that deploys it. */
export function ChangeDialog({
  title,
  change,
  isRemoval = false,
  onClose,
  onDone,
}: {
  readonly title: string;
  readonly change: Change;
  readonly isRemoval?: boolean;
  readonly onClose: () => void;
  readonly onDone?: () => void;
}) {
  const { showTask } = useConsole();
  const [plan, setPlan] = useState<PlanView | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    post<PlanView>("/api/declared/plan", { change }).then(setPlan, (error) => setProblem(problemIn(error)));
  }, [change]);

  const apply = async (hash: string): Promise<void> => {
    setBusy(true);
    try {
      showTask((await post<TaskView>("/api/declared/apply", { change, hash })).id);
      onDone?.();
      onClose();
    } catch (error) {
      setProblem(problemIn(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} isWide onClose={onClose}>
      {problem === null ? null : <Problem problem={problem} />}
      {plan === null && problem === null ? <Loading what="the change" /> : null}
      {plan === null ? null : (
        <>
          {plan.problems.length === 0 ? null : (
            <div class="note bad" role="alert">
              <strong>muster.yaml would not be right</strong>
              <ul>
                {plan.problems.map((text) => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
            </div>
          )}
          <Diff text={plan.diff} />
          <p>
            {isRemoval ? "Its nodes, /shared and records go. " : ""}
            Then the console runs:
          </p>
          <ul class="commands">
            {plan.commands.map((command) => (
              <li key={command}>
                <code>{command}</code>
              </li>
            ))}
          </ul>
          <footer>
            <button type="button" class="button" onClick={onClose}>
              Cancel
            </button>
            <button
              type="button"
              class={`button ${isRemoval ? "danger" : "primary"}`}
              disabled={isBusy || plan.problems.length > 0 || plan.diff === ""}
              onClick={() => void apply(plan.hash)}
            >
              {isRemoval ? "Destroy and remove" : "Write and deploy"}
            </button>
          </footer>
        </>
      )}
    </Dialog>
  );
}

const lineClass = (line: string): string =>
  line.startsWith("+") ? "add" : line.startsWith("-") ? "remove" : line.startsWith("@@") ? "place" : "";

/** The change of muster.yaml: what is added and removed is said by + and -, not by colour alone. */
function Diff({ text }: { readonly text: string }) {
  if (text === "") return <p class="faint">Nothing changes in muster.yaml.</p>;
  return (
    <pre class="diff" role="region" tabIndex={0} aria-label="Change of muster.yaml">
      {text
        .trimEnd()
        .split("\n")
        .map((line, index) => (
          <span key={index} class={lineClass(line)}>
            {`${line}\n`}
          </span>
        ))}
    </pre>
  );
}
