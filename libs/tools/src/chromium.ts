import { type Environment, isExecutable, listOnPath } from "./search-path.ts";

/** A browser, or how to get one. */
export type ChromiumSearch =
  | { readonly path: string }
  | { readonly path: undefined; readonly message: string };

const names = ["chromium", "chromium-browser", "google-chrome"];

/** Finds Chromium: WHEELHOUSE_CHROMIUM, else the first of chromium, chromium-browser and google-chrome on PATH. */
export const findChromium = async (
  env: Environment,
): Promise<ChromiumSearch> => {
  const explicit = env["WHEELHOUSE_CHROMIUM"];
  if (explicit !== undefined && explicit !== "") {
    if (await isExecutable(explicit)) return { path: explicit };
    return {
      path: undefined,
      message: `chromium: WHEELHOUSE_CHROMIUM=${explicit} is not a program`,
    };
  }
  for (const name of names) {
    const [path] = await listOnPath(name, env);
    if (path !== undefined) return { path };
  }
  return {
    path: undefined,
    message: `chromium: none of ${names.join(", ")} is on PATH; install the distribution's package (Debian: apt-get install chromium) or set WHEELHOUSE_CHROMIUM`,
  };
};
