import type { DeclaredView, SettingsView, TaskView } from "../../api.js";
import { post, problemIn } from "../lib/api.js";
import { mayDeclare, useConsole } from "../lib/console.js";
import { useLive } from "../lib/live.js";
import { counted } from "../lib/words.js";
import { Copy, Facts, Heading, Loading, Problem } from "../parts/basics.js";

export function SettingsPage() {
  const { place } = useConsole();
  const settings = useLive<SettingsView>("/api/settings", null);
  const of = settings.data;
  return (
    <>
      <Heading title="Settings" lead="Whose account this is, and how it is left." />
      {settings.problem === null ? null : <Problem problem={settings.problem} onAgain={settings.refresh} />}
      {of === null && settings.problem === null ? <Loading what="the account" /> : null}
      {of === null ? null : (
        <>
          {of.problem === null ? null : <Problem problem={of.problem} onAgain={settings.refresh} />}
          <section aria-labelledby="account">
            <h2 id="account">AWS account</h2>
            <Facts
              facts={[
                [
                  "Account id",
                  of.account === null ? null : <Copy text={of.account} label="the account's id" />,
                ],
                ["Credentials", of.caller === null ? null : <code>{of.caller}</code>],
                [
                  "Role",
                  of.role === null ? (
                    "none: the credentials are used as they are"
                  ) : (
                    <code>{of.role.arn}</code>
                  ),
                ],
                ["External id", of.role?.externalId == null ? null : <code>{of.role.externalId}</code>],
                ["Org", of.org],
                ["Region", of.region],
              ]}
            />
            <p class="hint">
              Another account is reached by a role: <code>muster account connect</code> makes it and writes it
              into muster.yaml.
            </p>
          </section>
          {of.config === null ? (
            <p class="note info">
              The console was started outside a project, so nothing declared is changed here. Start it in the
              folder of muster.yaml and cdktf.json.
            </p>
          ) : (
            <Project />
          )}
          <section aria-labelledby="cleanup">
            <h2 id="cleanup">AWS resource cleanup</h2>
            <p>
              The org's shared resources (network, file system, registry, log bucket, key) stay for later
              clusters. These commands remove them from {place.region}; run them in a terminal, where they
              ask.
            </p>
            <ul class="commands">
              {of.cleanup.map(({ command, does }) => (
                <li key={command}>
                  <Copy text={command} label="the command" />
                  <p class="faint">{does}</p>
                </li>
              ))}
            </ul>
          </section>
        </>
      )}
    </>
  );
}

/** What muster.yaml declares, and the deploy of it. */
function Project() {
  const { place, showTask, say } = useConsole();
  const declared = useLive<DeclaredView | null>("/api/declared", null);
  const deploy = async (): Promise<void> => {
    try {
      showTask((await post<TaskView>("/api/declared/deploy")).id);
    } catch (error) {
      say(problemIn(error).message);
    }
  };
  const of = declared.data;
  if (of === null) return null;
  return (
    <section aria-labelledby="project">
      <h2 id="project">Project</h2>
      <Facts
        facts={[
          ["File", <code key="file">{of.path}</code>],
          ["Declares", counted(of.clusters.length, "cluster")],
        ]}
      />
      {of.problems.length === 0 ? null : (
        <div class="note bad" role="alert">
          <strong>muster.yaml is not right</strong>
          <ul>
            {of.problems.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
      )}
      {mayDeclare(place) ? (
        <button type="button" class="button" disabled={of.problems.length > 0} onClick={() => void deploy()}>
          Deploy what it declares
        </button>
      ) : null}
    </section>
  );
}
