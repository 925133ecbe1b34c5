import { parseArgs } from "node:util";

/**
 * What `wheelhouse hub` says before anything is loaded: that it starts, on
 * which directory, and what it follows. Null where one of these is not given:
 * that is refused in other words. Nothing is judged here.
 */
export function firstLine(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: { data: { type: "string" }, repo: { type: "string" } },
  });
  const { data = env["WHEELHOUSE_DATA"], repo = env["WHEELHOUSE_REPO"] } =
    values;
  if (!isText(data) || !isText(repo)) return null;
  return `Wheelhouse hub starts: data ${data}, follows ${withoutSecrets(repo)} …`;
}

function isText(value: string | boolean | undefined): value is string {
  return typeof value === "string" && value !== "";
}

/** The address of a repository as it may be shown: without who logs in to it. */
export function withoutSecrets(repo: string): string {
  return repo.replace(/\/\/[^@/]*@/, "//");
}
