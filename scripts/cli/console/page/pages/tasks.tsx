import { useConsole } from "../lib/console.js";
import { span } from "../lib/words.js";
import { Empty, Heading, Status, When } from "../parts/basics.js";

/** What this console does, and has done. */
export function TasksPage() {
  const { tasks, showTask } = useConsole();
  return (
    <>
      <Heading title="Tasks" lead="What this console does, and has done since it was started." />
      {tasks.length === 0 ? (
        <Empty title="No task yet">
          <p>Whatever takes its time is a task: a deploy, a resize, a notebook that is opened.</p>
        </Empty>
      ) : (
        <table class="list">
          <caption class="unseen">Tasks, the newest first</caption>
          <thead>
            <tr>
              <th scope="col">Task</th>
              <th scope="col">Status</th>
              <th scope="col">Began</th>
              <th scope="col">Took</th>
              <th scope="col">
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {tasks.map((task) => (
              <tr key={task.id}>
                <th scope="row">
                  {task.title}
                  {task.message === null ? null : <small class="cut faint">{task.message}</small>}
                </th>
                <td data-label="Status">
                  <Status of={task.status} />
                </td>
                <td data-label="Began">
                  <When at={task.startedAt ?? task.createdAt} />
                </td>
                <td data-label="Took">{span(task.startedAt, task.endedAt) || "–"}</td>
                <td>
                  <button type="button" class="button small" onClick={() => showTask(task.id)}>
                    Output<span class="unseen"> of {task.title}</span>
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
