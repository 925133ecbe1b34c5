import { parseArgs } from "node:util";

const outputs = ["table", "json", "yaml"] as const;

/** How the findings are printed: for people, or whole for programs. */
export type ValidateOutput = (typeof outputs)[number];

/** What `wheelhouse validate` was asked for. */
export interface ValidateArguments {
  readonly path: string;
  /** Only this cluster; absent: all. */
  readonly cluster?: string;
  readonly output: ValidateOutput;
}

/** The arguments, the request for help, or what is wrong with them. */
export type ArgumentsResult =
  | { readonly kind: "run"; readonly arguments: ValidateArguments }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

/** How `validate` is called. */
export const usage = `usage: wheelhouse validate PATH [--cluster NAME] [-o FORMAT]

Compiles a fleet repo as its hub would, offline, and says what does not hold.
What bundles apply is not checked against the schemas of its kinds: a field that
is unknown, such as 'replcias' in a Deployment, is found by the first cluster that
it is rolled out to.

It ends with 0 where all holds, 1 with findings, 2 for wrong arguments, such as a
PATH that is no directory, and 3 where it could not look, such as without kustomize.

  PATH                   the fleet repo's directory; files need not be committed
  --cluster NAME         compile only this cluster, which 'metadata.name' of a
                         Cluster in the repo names; without it, every cluster
  -o, --output FORMAT    table, json or yaml (table)
  -h, --help             this text

example: wheelhouse validate . --cluster prod-eu-1`;

/** Reads the command line after the program's name. */
export function readArguments(argv: readonly string[]): ArgumentsResult {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        cluster: { type: "string" },
        output: { type: "string", short: "o", default: "table" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const { output, cluster, help } = values;
    if (help) return { kind: "help" };
    const [path, ...rest] = positionals;
    if (path === undefined || rest.length > 0) {
      return { kind: "wrong", message: "needs exactly one PATH" };
    }
    const form = outputs.find((known) => known === output);
    if (form === undefined) {
      const message = `-o ${output}: not one of ${outputs.join(", ")}`;
      return { kind: "wrong", message };
    }
    return {
      kind: "run",
      arguments: {
        path,
        output: form,
        ...(cluster === undefined ? {} : { cluster }),
      },
    };
  } catch (error) {
    // parseArgs throws a TypeError for a flag that it does not know.
    if (!(error instanceof TypeError)) throw error;
    return { kind: "wrong", message: error.message.split(". ")[0] ?? "" };
  }
}
