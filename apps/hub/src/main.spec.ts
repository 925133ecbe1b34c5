import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Every file and package that is loaded with one file, before anything of it runs. */
function loadedWith(file: string, { inputs }: Metafile): ReadonlySet<string> {
  const loaded = new Set<string>();
  const visit = (name: string) => {
    if (loaded.has(name)) return;
    loaded.add(name);
    for (const { path, kind } of inputs[name]?.imports ?? []) {
      if (kind !== "dynamic-import") visit(path);
    }
  };
  visit(file);
  return loaded;
}

describe("what a start of the hub loads", () => {
  it("is next to nothing before the first line, and NestJS only once nothing refuses it", async () => {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: ["apps/hub/src/main.ts"],
      bundle: true,
      write: false,
      metafile: true,
      splitting: true,
      outdir: "unwritten",
      platform: "node",
      format: "esm",
      plugins: [
        {
          name: "packages-stay-outside",
          setup: (builder) =>
            builder.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
              kind === "entry-point" || path.startsWith("@wheelhouse/")
                ? undefined
                : { path, external: true },
            ),
        },
      ],
    });
    const first = [...loadedWith("apps/hub/src/main.ts", metafile)];
    // How a program ends with its starter is a few lines, and counts from the first moment.
    const others = first.filter((name) => !name.startsWith("libs/programs/"));
    expect(others).toEqual([
      "apps/hub/src/main.ts",
      "apps/hub/src/first-line.ts",
      "node:util",
    ]);
    const isNest = (name: string) => name.startsWith("@nestjs/");
    const ofHub = [...loadedWith("apps/hub/src/hub.ts", metafile)];
    expect(ofHub.length).toBeGreaterThan(20);
    expect(ofHub.filter(isNest)).toEqual([]);
    const rest = loadedWith("apps/hub/src/rest/http-server.ts", metafile);
    expect([...rest].some(isNest)).toBe(true);
  });
});
