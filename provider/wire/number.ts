const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Whether it is a number in Terraform's form: decimal, of any size. */
export const isDecimal = (text: string): boolean => DECIMAL.test(text);

/**
 * Terraform's numbers have any size and precision, as text if no binary form is exact. Null if a JavaScript number can't hold it:
 * silently rounded, it would differ from the user's value, and Terraform would call the plan invalid.
 */
export function exactNumber(raw: number | bigint | string): number | null {
  const value = Number(raw);
  if (!Number.isFinite(value)) return null;
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return null;
  return typeof raw !== "string" || canonical(raw) === canonical(String(value)) ? value : null;
}

/** One text for each decimal number: its digits without zeros at the ends, and the power of ten of the last. */
function canonical(text: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = DECIMAL.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  if (digits === "") return "0";
  const significant = digits.replace(/0+$/, "");
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}
