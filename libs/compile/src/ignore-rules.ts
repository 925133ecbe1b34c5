import {
  type NamePattern,
  matchesName,
  parseNamePattern,
} from "./glob-step.ts";

/** One line of an ignore file, for the directory that the file stands in. */
export interface IgnorePattern {
  /** The directory that the pattern holds in; empty for the root. */
  readonly directory: string;
  readonly isNegated: boolean;
  readonly onlyDirectories: boolean;
  /** Whether it has a slash before its end: then it is a path, else any name. */
  readonly isPath: boolean;
  readonly steps: readonly Step[];
}

/** One step of a pattern's path. */
type Step = "" | "**" | "never" | NamePattern;

/** What Flux always leaves out of a source. */
const versionControl = ".git/ .gitignore .gitmodules .gitattributes";

/** What Flux leaves out where nobody says what to leave out: pictures, archives, build pipelines. */
const usual = `*.jpg *.jpeg *.gif *.png *.wmv *.flv *.tar.gz *.zip
.github/ .circleci/ .travis.yml .gitlab-ci.yml appveyor.yml .drone.yml
cloudbuild.yaml codeship-services.yml codeship-steps.yml
**/.goreleaser.yml **/.sops.yaml **/.flux.yaml`;

/**
 * All patterns of a source in their order. Patterns of its own replace Flux's
 * usual ones, as they do in Flux.
 */
export function allPatterns(
  own: readonly IgnorePattern[],
): readonly IgnorePattern[] {
  const always = parseIgnoreText(lines(versionControl), "");
  return own.length > 0
    ? [...always, ...own]
    : [...always, ...parseIgnoreText(lines(usual), "")];
}

function lines(words: string): string {
  return words.split(/\s+/).join("\n");
}

/** Parses an ignore file in gitignore's form, as Flux reads it. Lines that say nothing are left out. */
export function parseIgnoreText(
  text: string,
  directory: string,
): readonly IgnorePattern[] {
  return text.split(/\r?\n/).flatMap((line): IgnorePattern[] => {
    if (line.startsWith("#") || line.trim() === "") return [];
    const isNegated = line.startsWith("!");
    const trimmed = line.replace(/^!/, "").replace(/(?<!\\) +$/, "");
    const onlyDirectories = trimmed.endsWith("/");
    const path = onlyDirectories ? trimmed.slice(0, -1) : trimmed;
    return [
      {
        directory,
        isNegated,
        onlyDirectories,
        isPath: path.includes("/"),
        steps: path.split("/").map(stepOf),
      },
    ];
  });
}

function stepOf(step: string): Step {
  if (step === "" || step === "**") return step;
  // Flux takes two stars inside a name for a mistake: the pattern matches nothing.
  return step.includes("**") ? "never" : parseNamePattern(step);
}

/**
 * Whether patterns leave a path out: the last that matches decides. A pattern
 * that matches a directory matches everything in it.
 */
export function isIgnored(
  patterns: readonly IgnorePattern[],
  path: string,
  isDirectory: boolean,
): boolean {
  const decisive = patterns.findLast((pattern) =>
    matchesPath(pattern, path, isDirectory),
  );
  return decisive !== undefined && !decisive.isNegated;
}

function matchesPath(
  pattern: IgnorePattern,
  path: string,
  isDirectory: boolean,
): boolean {
  const { directory, isPath } = pattern;
  const prefix = directory === "" ? "" : `${directory}/`;
  if (!path.startsWith(prefix)) return false;
  const names = path.slice(prefix.length).split("/");
  return isPath
    ? matchesSteps(pattern, names, isDirectory)
    : matchesAnyName(pattern, names, isDirectory);
}

/** A pattern of one name: the first name on the way that fits decides. */
function matchesAnyName(
  { steps: [step], onlyDirectories }: IgnorePattern,
  names: readonly string[],
  isDirectory: boolean,
): boolean {
  if (step === undefined || step === "" || step === "never") return false;
  // Two stars alone are to Go's matcher what one is.
  const fits = (name: string) => step === "**" || matchesName(step, name);
  const found = names.findIndex(fits);
  if (found < 0) return false;
  return !onlyDirectories || isDirectory || found < names.length - 1;
}

/** A pattern with slashes, step by step; after `**` the first name that fits is taken, and never another. */
function matchesSteps(
  { steps, onlyDirectories }: IgnorePattern,
  names: readonly string[],
  isDirectory: boolean,
): boolean {
  let at = 0;
  let hasMatched = false;
  let isFree = false;
  for (const [index, step] of steps.entries()) {
    if (step === "") {
      isFree = false;
      continue;
    }
    if (step === "**") {
      if (index === steps.length - 1) break;
      isFree = true;
      continue;
    }
    if (step === "never" || at >= names.length) return false;
    const rest = names.slice(at, isFree ? names.length : at + 1);
    const found = rest.findIndex((name) => matchesName(step, name));
    if (found >= 0) {
      hasMatched = true;
      at += found + 1;
    } else {
      if (!isFree) return false;
      hasMatched = false;
      at = names.length;
    }
    isFree = false;
  }
  const endsHere = at >= names.length;
  return hasMatched && !(onlyDirectories && !isDirectory && endsHere);
}
