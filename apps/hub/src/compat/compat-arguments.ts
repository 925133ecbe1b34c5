import { parseArgs } from "node:util";

/** Which folder stands for sources whose URL contains a text. */
export interface SourceFolder {
  readonly match: string;
  readonly directory: string;
}

/** What `npm run compat` was asked for. */
export interface CompatArguments {
  readonly path: string;
  /** Directories of the repository, each the root of one cluster; empty: what the repository says. */
  readonly roots: readonly string[];
  readonly sources: readonly SourceFolder[];
  /** A file of variables for every root. */
  readonly variablesFile?: string;
  /** Where the objects are written, as lines of JSON. */
  readonly objectsFile?: string;
  readonly output: "table" | "json";
}

/** The arguments, the request for help, or what is wrong with them. */
export type CompatArgumentsResult =
  | { readonly kind: "run"; readonly arguments: CompatArguments }
  | { readonly kind: "help" }
  | { readonly kind: "document" }
  | { readonly kind: "wrong"; readonly message: string };

/** How `compat` is called. */
export const usage = `usage: npm run compat -- PATH [--root R]… [--vars FILE] [--source MATCH=DIR]… [--objects FILE] [-o table|json]

Resolves a repository that Flux runs, offline: each root is a cluster, and what nothing in Git holds counts as empty.

  --root R            a cluster's root in PATH; without it, every Cluster object's, else each directory of clusters/
  --vars FILE         YAML, NAME: value: variables of every root
  --source MATCH=DIR  DIR stands for sources whose URL contains MATCH
  --objects FILE      writes {"root", "bundle", "object"} lines there
  --document          prints docs/compatibility.md instead`;

/** Reads the command line after the program's name. */
export function readCompatArguments(
  argv: readonly string[],
): CompatArgumentsResult {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        root: { type: "string", multiple: true, default: [] },
        vars: { type: "string" },
        source: { type: "string", multiple: true, default: [] },
        objects: { type: "string" },
        output: { type: "string", short: "o", default: "table" },
        document: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const { root, vars, source, objects, output } = values;
    if (values.help) return { kind: "help" };
    if (values.document) return { kind: "document" };
    const [path, ...rest] = positionals;
    if (path === undefined || rest.length > 0) {
      return { kind: "wrong", message: "needs exactly one PATH" };
    }
    if (output !== "json" && output !== "table") {
      return { kind: "wrong", message: `-o ${output}: table or json` };
    }
    const malformed = source.find((text) => !/^[^=]+=.+$/.test(text));
    if (malformed !== undefined) {
      const message = `--source ${malformed}: must be MATCH=DIR`;
      return { kind: "wrong", message };
    }
    return {
      kind: "run",
      arguments: {
        path,
        roots: root,
        sources: source.map(readSource),
        output,
        ...(vars === undefined ? {} : { variablesFile: vars }),
        ...(objects === undefined ? {} : { objectsFile: objects }),
      },
    };
  } catch (error) {
    // parseArgs throws a TypeError for a flag that it does not know.
    if (!(error instanceof TypeError)) throw error;
    return { kind: "wrong", message: error.message };
  }
}

function readSource(text: string): SourceFolder {
  const at = text.indexOf("=");
  return { match: text.slice(0, at), directory: text.slice(at + 1) };
}
