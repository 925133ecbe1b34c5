// Asks the Go packages that Flux uses about every object and expression of this
// folder, and writes their answers beside them:
//
//   node libs/status/testdata/record.mjs
//
// It needs Go 1.26 and its module proxy. The specs read the answers only.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dependencyQuestions } from "./expressions/dependencies.mjs";
import { healthQuestions } from "./expressions/health.mjs";
import { objects } from "./objects/index.mjs";

const here = import.meta.dirname;

/** The answers in the order of the questions. */
function ask(program, questions) {
  const input = questions.map((one) => `${JSON.stringify(one)}\n`).join("");
  const output = execFileSync(program, { input, maxBuffer: 64 << 20 });
  const lines = output.toString("utf8").trimEnd().split("\n");
  if (lines.length !== questions.length) {
    throw new Error(`${lines.length} answers to ${questions.length} questions`);
  }
  return lines.map((line) => JSON.parse(line));
}

function write(file, program, named) {
  const names = new Set(named.map(([name]) => name));
  if (names.size !== named.length)
    throw new Error(`${file}: a name stands twice`);
  const answers = ask(
    program,
    named.map(([, question]) => question),
  );
  const lines = named.map(([name, question], at) =>
    JSON.stringify({ name, ...question, ...answers[at] }),
  );
  writeFileSync(join(here, file), `${lines.join("\n")}\n`);
  console.log(`${file}: ${lines.length}`);
}

const folder = mkdtempSync(join(tmpdir(), "recorder-"));
try {
  const program = join(folder, "recorder");
  execFileSync("go", ["build", "-trimpath", "-o", program, "."], {
    cwd: join(here, "recorder"),
    env: { ...process.env, GOTOOLCHAIN: "local" },
    stdio: "inherit",
  });
  write(
    "kstatus.jsonl",
    program,
    objects.map(([name, object]) => [name, { object }]),
  );
  write("health-expressions.jsonl", program, healthQuestions);
  write("ready-expressions.jsonl", program, dependencyQuestions);
} finally {
  rmSync(folder, { recursive: true });
}
