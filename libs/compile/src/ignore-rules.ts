/** One line of an ignore file, for the directory that the file stands in. */
export interface IgnorePattern {
  /** The directory that the pattern holds in; empty for the root. */
  readonly directory: string;
  readonly isNegated: boolean;
  readonly onlyDirectories: boolean;
  readonly steps: readonly Step[];
}

/** One step of a pattern's path: any number of steps, any one, or the signs of one name. */
type Step = "**" | "?" | readonly Sign[];

/** A sign of a name: itself, any one, any number, or one of a class. */
type Sign =
  | { readonly kind: "literal"; readonly sign: string }
  | { readonly kind: "any" }
  | { readonly kind: "star" }
  | {
      readonly kind: "class";
      readonly isNegated: boolean;
      readonly members: string;
    };

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
    return [{ directory, isNegated, onlyDirectories, steps: stepsOf(path) }];
  });
}

/** A pattern with a slash before its end is anchored; another matches at any depth. */
function stepsOf(path: string): readonly Step[] {
  const steps = path
    .replace(/^\//, "")
    .split("/")
    .map((step): Step => (step === "**" ? "**" : signsOf(step)));
  return path.includes("/") ? steps : ["**", ...steps];
}

function signsOf(step: string): readonly Sign[] {
  const parts = step.matchAll(/\\(.)|\[(!?)([^\]]+)\]|(.)/gsu);
  return [...parts].map(([, escaped, not, members, plain]): Sign => {
    if (escaped !== undefined) return { kind: "literal", sign: escaped };
    if (members !== undefined) {
      return { kind: "class", isNegated: not === "!", members };
    }
    if (plain === "*") return { kind: "star" };
    return plain === "?"
      ? { kind: "any" }
      : { kind: "literal", sign: plain ?? "" };
  });
}

/** Whether patterns leave a path out: the last that matches decides. */
export function isIgnored(
  patterns: readonly IgnorePattern[],
  path: string,
  isDirectory: boolean,
): boolean {
  const decisive = patterns.findLast(
    ({ directory, onlyDirectories, steps }) => {
      if (onlyDirectories && !isDirectory) return false;
      const prefix = directory === "" ? "" : `${directory}/`;
      return (
        path.startsWith(prefix) &&
        matchesSteps(steps, path.slice(prefix.length).split("/"))
      );
    },
  );
  return decisive !== undefined && !decisive.isNegated;
}

function matchesSteps(
  steps: readonly Step[],
  names: readonly string[],
): boolean {
  // At the end `**` stands for what is inside a directory, so for one step at least.
  const pattern: readonly Step[] =
    steps.at(-1) === "**" ? [...steps.slice(0, -1), "?", "**"] : steps;
  return matchesWithStars(pattern, names, {
    isStar: (step) => step === "**",
    fits: (step, name) =>
      step === "?" || (step !== "**" && matchesName(step, name)),
  });
}

function matchesName(signs: readonly Sign[], name: string): boolean {
  return matchesWithStars(signs, [...name], {
    isStar: ({ kind }) => kind === "star",
    fits: fitsSign,
  });
}

function fitsSign(sign: Sign, actual: string): boolean {
  switch (sign.kind) {
    case "literal":
      return sign.sign === actual;
    case "class":
      return isMember(sign.members, actual) !== sign.isNegated;
    case "any":
      return true;
    case "star":
      return false;
  }
}

function isMember(members: string, actual: string): boolean {
  const signs = [...members];
  return signs.some((sign, index) => {
    const low = signs[index - 1];
    const high = signs[index + 1];
    const isRange = sign === "-" && low !== undefined && high !== undefined;
    return isRange ? low <= actual && actual <= high : sign === actual;
  });
}

/**
 * Matches a whole list against a pattern with stars. Only the last star is ever
 * taken back, so the work is bounded by the product of the lengths, whatever an
 * author writes.
 */
function matchesWithStars<Part, Item>(
  pattern: readonly Part[],
  items: readonly Item[],
  {
    isStar,
    fits,
  }: {
    readonly isStar: (part: Part) => boolean;
    readonly fits: (part: Part, item: Item) => boolean;
  },
): boolean {
  let at = 0;
  let star = -1;
  let taken = 0;
  let index = 0;
  while (index < items.length) {
    const part = pattern[at];
    const item = items[index] as Item;
    if (part !== undefined && isStar(part)) {
      star = at;
      taken = index;
      at += 1;
    } else if (part !== undefined && fits(part, item)) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      taken += 1;
      index = taken;
      at = star + 1;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every(isStar);
}
