const binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

/** A quantity as the server writes it back (`1000m` → `1`), or undefined for what is none. */
export function canonicalQuantity(text: string): string | undefined {
  const match =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])|[eE]([+-]?\d{1,3}))?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", suffix = "", exponent] = match;
  if (whole === "" && fraction === "") return undefined;
  const negative = sign === "-" ? "-" : "";
  if (binary.indexOf(suffix) > 0)
    return binaryQuantity(negative, whole, fraction, binary.indexOf(suffix));
  const power =
    exponent === undefined
      ? (decimal.indexOf(suffix) - 3) * 3
      : Number(exponent);
  return decimalQuantity(negative, whole, fraction, power, exponent);
}

function binaryQuantity(
  sign: string,
  whole: string,
  fraction: string,
  index: number,
): string {
  const scale = 10n ** BigInt(fraction.length);
  const units = BigInt(`0${whole}${fraction}`) * 1024n ** BigInt(index);
  let value = (units + scale - 1n) / scale;
  if (value === 0n) return "0";
  let step = 0;
  while (value % 1024n === 0n && step < binary.length - 1) {
    value /= 1024n;
    step += 1;
  }
  return `${sign}${value}${binary[step] ?? ""}`;
}

function decimalQuantity(
  sign: string,
  whole: string,
  fraction: string,
  power: number,
  exponent: string | undefined,
): string {
  // Counted in billionths: nothing finer is kept.
  let digits = BigInt(`0${whole}${fraction}`);
  const shift = power - fraction.length + 9;
  if (shift >= 0) digits *= 10n ** BigInt(shift);
  else {
    const divisor = 10n ** BigInt(-shift);
    digits = (digits + divisor - 1n) / divisor;
  }
  if (digits === 0n) return "0";
  let step = 0;
  while (digits % 1000n === 0n && step < decimal.length - 1) {
    digits /= 1000n;
    step += 1;
  }
  if (exponent !== undefined)
    return `${sign}${digits}${step === 3 ? "" : `e${(step - 3) * 3}`}`;
  return `${sign}${digits}${decimal[step] ?? ""}`;
}
