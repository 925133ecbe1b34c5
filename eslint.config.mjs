import nx from "@nx/eslint-plugin";
import vitest from "@vitest/eslint-plugin";
import tseslint from "typescript-eslint";

/** Packages that a domain library may import; everything else is an adapter's business. */
const domainPackages = ["yaml", "@marcbachmann/cel-js"];

const shared = ["scope:shared"];
const types = (...names) => names.map((name) => `type:${name}`);

/** Which tag may depend on which. Nx combines every matching constraint with AND. */
const depConstraints = (extra) => [
  {
    sourceTag: "scope:hub",
    onlyDependOnLibsWithTags: ["scope:hub", ...shared, ...extra],
  },
  {
    sourceTag: "scope:spoke",
    onlyDependOnLibsWithTags: ["scope:spoke", ...shared, ...extra],
  },
  ...["app", "adapter", "contract", "runtime", "domain"].map((type) => ({
    allSourceTags: ["scope:shared", `type:${type}`],
    onlyDependOnLibsWithTags: [...shared, ...extra],
  })),
  {
    sourceTag: "type:domain",
    onlyDependOnLibsWithTags: [...types("domain"), ...extra],
    allowedExternalImports: [
      ...domainPackages,
      ...(extra.length > 0 ? ["vitest", "fast-check"] : []),
    ],
  },
  {
    sourceTag: "type:contract",
    onlyDependOnLibsWithTags: [...types("domain", "contract"), ...extra],
  },
  {
    sourceTag: "type:runtime",
    onlyDependOnLibsWithTags: [
      ...types("domain", "contract", "runtime"),
      ...extra,
    ],
  },
  {
    sourceTag: "type:adapter",
    // Its specs may bring the real tools, which are an adapter too.
    onlyDependOnLibsWithTags: [
      ...types("domain", "contract", "runtime"),
      ...(extra.length > 0 ? types("adapter") : []),
      ...extra,
    ],
  },
  {
    sourceTag: "type:app",
    onlyDependOnLibsWithTags: [
      ...types("domain", "contract", "runtime", "adapter"),
      ...extra,
    ],
  },
  {
    sourceTag: "type:testing",
    onlyDependOnLibsWithTags: types(
      "domain",
      "contract",
      "runtime",
      "adapter",
      "testing",
      "app",
    ),
  },
];

const boundaries = (extra, allow = []) => ({
  "@nx/enforce-module-boundaries": [
    "error",
    {
      enforceBuildableLibDependency: false,
      checkNestedExternalImports: true,
      allow,
      depConstraints: depConstraints(extra),
    },
  ],
});

const noDeepImports = {
  group: ["@wheelhouse/*/*"],
  message: "Import a library by its one public door, not from inside.",
};

const noNest = {
  group: ["@nestjs/*"],
  message: "NestJS is the hub's door, and stays in apps/hub/src/rest.",
};

/** In a domain library, time and chance are arguments, and nothing of Node is at hand but a hash. */
const domainRules = {
  "no-restricted-imports": [
    "error",
    {
      patterns: [
        noDeepImports,
        {
          regex: "^(node:(?!crypto$)|fs$|http$|https$|net$|child_process$)",
          message: "A domain library does no input or output.",
        },
      ],
      paths: [
        {
          name: "node:crypto",
          allowImportNames: ["createHash", "createHmac"],
          message: "Only hashes; keys and chance are arguments.",
        },
      ],
    },
  ],
  "no-restricted-globals": [
    "error",
    ...["setTimeout", "setInterval", "setImmediate", "fetch", "process"].map(
      (name) => ({
        name,
        message: "A domain library does not know the clock or the world.",
      }),
    ),
  ],
  "no-restricted-properties": [
    "error",
    { object: "Date", property: "now", message: "Time is an argument." },
    { object: "Math", property: "random", message: "Chance is an argument." },
    { object: "performance", property: "now", message: "Time is an argument." },
  ],
  "no-restricted-syntax": [
    "error",
    {
      selector: "NewExpression[callee.name='Date'][arguments.length=0]",
      message: "Time is an argument.",
    },
    {
      selector:
        ":matches(FunctionDeclaration, FunctionExpression, ArrowFunctionExpression)[async=true]",
      message: "A domain library is synchronous.",
    },
  ],
};

const domainLibraries = [
  "assignment",
  "clock",
  "compile",
  "drift",
  "fleet-model",
  "kube-object",
  "programs",
  "rollout",
  "status",
  "substitute",
].map((name) => `libs/${name}/src/**/*.ts`);

const specs = [
  "**/*.spec.ts",
  "**/*.fixture.ts",
  "test/**/*.ts",
  "libs/testing/**/*.ts",
];

export default tseslint.config(
  {
    ignores: [
      "**/dist",
      "**/node_modules",
      "libs/protocol/src/gen",
      "test/boundaries/fixtures",
      ".nx",
      "coverage",
    ],
  },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.recommended],
    plugins: { "@nx": nx },
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      ...boundaries([]),
      eqeqeq: "error",
      "no-restricted-imports": ["error", { patterns: [noDeepImports, noNest] }],
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "inline-type-imports" },
      ],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
    },
  },
  { files: domainLibraries, rules: domainRules },
  {
    files: ["apps/hub/src/rest/**/*.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [noDeepImports] }],
    },
  },
  {
    files: ["apps/cli/src/**/*.ts"],
    // The demo runs a whole fleet on one machine, and `sim-cluster` is a part of it to try.
    rules: boundaries(
      [],
      ["@wheelhouse/local-fleet", "@wheelhouse/sim-cluster"],
    ),
  },
  {
    files: specs,
    plugins: { vitest },
    rules: {
      ...boundaries(["type:testing"]),
      "no-restricted-syntax": "off",
      "no-restricted-globals": "off",
      "no-restricted-properties": "off",
      "vitest/no-conditional-expect": "error",
      "vitest/no-focused-tests": "error",
      "vitest/expect-expect": "off",
    },
  },
  {
    files: ["libs/*/src/**/*-record.spec.ts"],
    // What another program answered is data of its own file, too large for a module.
    rules: {
      "no-restricted-imports": ["error", { patterns: [noDeepImports] }],
    },
  },
);
