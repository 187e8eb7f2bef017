/**
 * The sum of two decimal numbers in plain notation (an optional minus, digits, an optional fraction), exact.
 * JavaScript's numbers would lose digits: an attribute holds 38.
 */
export function sum(a: string, b: string): string {
  const scale = Math.max(fractionDigits(a), fractionDigits(b));
  return plain(scaled(a, scale) + scaled(b, scale), scale);
}

/** The number with the opposite sign. */
export function negated(number: string): string {
  if (number === '0') return number;
  return number.startsWith('-') ? number.slice(1) : `-${number}`;
}

function fractionDigits(number: string): number {
  const point = number.indexOf('.');
  return point < 0 ? 0 : number.length - point - 1;
}

function scaled(number: string, scale: number): bigint {
  return BigInt(number.replace('.', '') + '0'.repeat(scale - fractionDigits(number)));
}

function plain(value: bigint, scale: number): string {
  const sign = value < 0n ? '-' : '';
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  if (scale === 0) return sign + digits;
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  return sign + digits.slice(0, -scale) + (fraction && `.${fraction}`);
}
