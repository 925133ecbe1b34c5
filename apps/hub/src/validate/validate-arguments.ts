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
export const usage =
  "usage: wheelhouse validate PATH [--cluster NAME] [-o table|json|yaml]";

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
    return { kind: "wrong", message: error.message };
  }
}
