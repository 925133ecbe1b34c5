/** One line of an ignore file, for the directory that the file stands in. */
export interface IgnorePattern {
  /** The directory that the pattern holds in; empty for the root. */
  readonly directory: string;
  readonly isNegated: boolean;
  readonly onlyDirectories: boolean;
  readonly matcher: RegExp;
}

/** What Flux leaves out of every source: version control, pictures, archives, build pipelines. */
export const defaultIgnoreText = `
.git/
.gitignore
.gitmodules
.gitattributes
*.jpg
*.jpeg
*.gif
*.png
*.wmv
*.flv
*.tar.gz
*.zip
.github/
.circleci/
.travis.yml
.gitlab-ci.yml
appveyor.yml
.drone.yml
cloudbuild.yaml
codeship-services.yml
codeship-steps.yml
**/.goreleaser.yml
**/.sops.yaml
**/.flux.yaml
`;

/** Parses an ignore file in gitignore's form. Lines that say nothing are left out. */
export function parseIgnoreText(
  text: string,
  directory: string,
): readonly IgnorePattern[] {
  return text.split(/\r?\n/).flatMap((line): IgnorePattern[] => {
    const trimmed = line.replace(/(?<!\\)\s+$/, "");
    if (trimmed === "" || trimmed.startsWith("#")) return [];
    const isNegated = trimmed.startsWith("!");
    const body = isNegated ? trimmed.slice(1) : trimmed;
    const onlyDirectories = body.endsWith("/");
    const path = body.replace(/\/+$/, "");
    if (path === "") return [];
    return [
      { directory, isNegated, onlyDirectories, matcher: matcherOf(path) },
    ];
  });
}

/** A pattern with a slash before its end is anchored; another matches at any depth. */
function matcherOf(path: string): RegExp {
  const isAnchored = path.includes("/");
  const steps = path.replace(/^\//, "").split("/");
  const source = steps
    .map((step, index) => {
      const isLast = index === steps.length - 1;
      if (step !== "**") return `${stepSource(step)}${isLast ? "" : "/"}`;
      return isLast ? ".*" : "(?:.*/)?";
    })
    .join("");
  return new RegExp(`^${isAnchored ? "" : "(?:.*/)?"}${source}$`, "s");
}

function stepSource(step: string): string {
  return step.replace(
    /\\(.)|\[(!?)([^\]]*)\]|[\s\S]/g,
    (sign, escaped?: string, not?: string, members?: string) => {
      if (escaped !== undefined) return escapeSign(escaped);
      if (members !== undefined) {
        const inside = members.replace(/[\\\]^[]/g, "\\$&");
        return inside === ""
          ? "\\[\\]"
          : `[${not === "!" ? "^" : ""}${inside}]`;
      }
      if (sign === "*") return "[^/]*";
      return sign === "?" ? "[^/]" : escapeSign(sign);
    },
  );
}

function escapeSign(sign: string): string {
  return sign.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

/** Whether patterns leave a path out: the last that matches decides. */
export function isIgnored(
  patterns: readonly IgnorePattern[],
  path: string,
  isDirectory: boolean,
): boolean {
  const decisive = patterns.findLast(
    ({ directory, onlyDirectories, matcher }) => {
      if (onlyDirectories && !isDirectory) return false;
      const prefix = directory === "" ? "" : `${directory}/`;
      return path.startsWith(prefix) && matcher.test(path.slice(prefix.length));
    },
  );
  return decisive !== undefined && !decisive.isNegated;
}
