import { type ChildProcess } from "node:child_process";
import { afterEach } from "vitest";

/** Programs that were each started in a process group of their own (`detached`): what is left of a group is killed after each test. */
export function useProcessGroups(): { add(leader: ChildProcess): void } {
  const leaders: ChildProcess[] = [];
  afterEach(() => {
    for (const { pid } of leaders.splice(0)) {
      try {
        if (pid !== undefined) process.kill(-pid, "SIGKILL");
      } catch {
        // It has ended, as it should.
      }
    }
  });
  return { add: (leader) => void leaders.push(leader) };
}
