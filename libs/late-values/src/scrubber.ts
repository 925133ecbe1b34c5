/** Takes known values out of texts of others. */
export interface Scrubber {
  scrub(text: string): string;
}

/** What stands where a value stood. */
const blank = "(redacted)";

/** A shorter value is taken out only where it stands alone: else half of every message would go. */
const minWithinLength = 4;

/** A text that was cut in the middle of a value ends with so much of it at least, if that can be told. */
const minCutLength = 4;

/** Of a longer value a cut text shows no more than this. */
const maxCutLength = 1_024;

/**
 * Takes values out of texts: as they are, without line feeds, line by line,
 * quoted as JSON or Go does, percent-encoded, in hex, and in base64 also where
 * it begins within a longer text. Case does not matter. Values that were
 * transformed in other ways are not recognized.
 */
export function createScrubber(values: Iterable<string>): Scrubber {
  const long = new Set<string>();
  const short = new Set<string>();
  for (const value of values) {
    for (const form of formsOf(value)) {
      (form.length >= minWithinLength ? long : short).add(form.toLowerCase());
    }
  }
  const byLength = [...long].sort((a, b) => b.length - a.length);
  const alone = [...short].filter((form) => form.trim() !== "").map(aloneForm);
  return {
    scrub: (text) => {
      let clean = text;
      for (const form of byLength) clean = replaceAll(clean, form);
      for (const form of alone) clean = clean.replaceAll(form, blank);
      return withoutCutEnd(clean, byLength);
    },
  };
}

function formsOf(value: string): readonly string[] {
  if (value === "") return [];
  const flat = value.replaceAll("\n", "");
  const lines = value.split("\n").filter((line) => line.length >= 8);
  const plain = [value, flat, value.trim(), ...lines].filter(Boolean);
  return plain.flatMap((text) => {
    const bytes = Buffer.from(text, "utf8");
    return [
      text,
      JSON.stringify(text).slice(1, -1),
      percentEncoded(text),
      bytes.toString("hex"),
      ...base64Forms(bytes),
    ];
  });
}

/** A lone surrogate has no percent-encoding. */
function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What base64 of the bytes looks like at each of the three places where they can begin, without the signs that they share with their neighbours. */
function base64Forms(bytes: Buffer): readonly string[] {
  if (bytes.length < minWithinLength) return [bytes.toString("base64")];
  const forms = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString(
      "base64",
    );
    const start = Math.ceil((offset * 8) / 6);
    return text.slice(start, Math.floor(((offset + bytes.length) * 8) / 6));
  });
  const urlForms = forms.map((form) =>
    form.replaceAll("+", "-").replaceAll("/", "_"),
  );
  return [...forms, ...urlForms];
}

function aloneForm(form: string): RegExp {
  const escaped = form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`, "gi");
}

function replaceAll(text: string, form: string): string {
  const lower = text.toLowerCase();
  // Some signs change their length with their case: such a text is blanked whole.
  if (lower.length !== text.length) return lower.includes(form) ? blank : text;
  let clean = "";
  let from = 0;
  for (;;) {
    const at = lower.indexOf(form, from);
    if (at < 0) return clean + text.slice(from);
    clean += text.slice(from, at) + blank;
    from = at + form.length;
  }
}

function withoutCutEnd(text: string, forms: readonly string[]): string {
  const body = text.replace(/…$/, "");
  const lower = body.toLowerCase();
  let cut = 0;
  for (const form of forms) {
    const most = Math.min(form.length - 1, lower.length, maxCutLength);
    for (
      let length = most;
      length > Math.max(cut, minCutLength - 1);
      length -= 1
    ) {
      if (!lower.endsWith(form.slice(0, length))) continue;
      cut = length;
      break;
    }
  }
  return cut === 0 ? text : body.slice(0, body.length - cut) + blank;
}
