/** So many columns at once that their part of the rows stays in the cache. */
const BLOCK = 64;
const PANEL = 256;

/**
 * The inverse of a symmetric, positive definite matrix of `n` rows, each after the other; `matrix` is used up. Blocked
 * Cholesky: L of A = L Lt, then its inverse, then A^-1 = L^-t L^-1, in n^3 / 2 multiplications (Golub and Van Loan,
 * Matrix Computations, 4.2). Everything is the product of one row with another, and lies in memory as it is read.
 * @throws RangeError if the matrix isn't positive definite.
 */
export function inverseOf(matrix: Float64Array, n: number): Float64Array {
  factorise(matrix, n);
  const turned = inverseOfFactor(matrix, n);
  for (let row = 0; row < n; row += BLOCK) {
    const end = Math.min(row + BLOCK, n);
    for (let i = row; i < end; i += 1) matrix.fill(0, i * n, i * n + end);
    // Both rows of `turned` are 0 before the later one's diagonal.
    for (let column = 0; column < end; column += BLOCK) {
      subtractProducts(
        matrix,
        turned,
        turned,
        n,
        [row, end],
        [column, Math.min(column + BLOCK, end)],
        [row, n],
      );
    }
  }
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) matrix[j * n + i] = matrix[i * n + j] = -(matrix[i * n + j] as number);
  }
  return matrix;
}

/** Writes L over the lower half. */
function factorise(a: Float64Array, n: number): void {
  for (let block = 0; block < n; block += BLOCK) {
    const end = Math.min(block + BLOCK, n);
    subtractProducts(a, a, a, n, [block, n], [block, end], [0, block]);
    for (let i = block; i < n; i += 1) {
      for (let j = block; j < Math.min(i, end); j += 1) {
        a[i * n + j] =
          ((a[i * n + j] as number) - product(a, i * n, a, j * n, block, j)) / (a[j * n + j] as number);
      }
      if (i >= end) continue;
      const square = (a[i * n + i] as number) - product(a, i * n, a, i * n, block, i);
      if (!(square > 0))
        throw new RangeError(`expected a positive definite matrix, received ${square} in row ${i}`);
      a[i * n + i] = Math.sqrt(square);
    }
  }
}

/** L^-t: the inverse of L, its columns as rows. */
function inverseOfFactor(l: Float64Array, n: number): Float64Array {
  const turned = new Float64Array(n * n);
  for (let block = 0; block < n; block += BLOCK) {
    const end = Math.min(block + BLOCK, n);
    for (let row = 0; row < block; row += BLOCK) {
      subtractProducts(turned, turned, l, n, [row, Math.min(row + BLOCK, block)], [block, end], [row, block]);
    }
    for (let i = 0; i < end; i += 1) {
      for (let j = Math.max(block, i); j < end; j += 1) {
        const rest = (turned[i * n + j] as number) - product(turned, i * n, l, j * n, block, j);
        turned[i * n + j] = (rest + (i === j ? 1 : 0)) / (l[j * n + j] as number);
      }
    }
  }
  return turned;
}

function product(a: Float64Array, i: number, b: Float64Array, j: number, from: number, to: number): number {
  let sum = 0;
  for (let t = from; t < to; t += 1) sum += (a[i + t] as number) * (b[j + t] as number);
  return sum;
}

type Range = readonly [number, number];

/** Subtracts from c[i][j] the product of a's row i and b's row j, over a range of their columns. */
function subtractProducts(
  c: Float64Array,
  a: Float64Array,
  b: Float64Array,
  n: number,
  [rowFrom, rowTo]: Range,
  [columnFrom, columnTo]: Range,
  [from, to]: Range,
): void {
  for (let panel = from; panel < to; panel += PANEL) {
    const end = Math.min(panel + PANEL, to);
    let i = rowFrom;
    for (; i + 4 <= rowTo; i += 4) {
      let j = columnFrom;
      for (; j + 2 <= columnTo; j += 2) subtractTile(c, a, b, n, i, j, panel, end);
      for (; j < columnTo; j += 1) {
        for (let row = i; row < i + 4; row += 1) {
          (c[row * n + j] as number) -= product(a, row * n, b, j * n, panel, end);
        }
      }
    }
    for (; i < rowTo; i += 1) {
      for (let j = columnFrom; j < columnTo; j += 1) {
        (c[i * n + j] as number) -= product(a, i * n, b, j * n, panel, end);
      }
    }
  }
}

/** Four rows by two: as many sums as fit into registers, each number read once for all of them. */
function subtractTile(
  c: Float64Array,
  a: Float64Array,
  b: Float64Array,
  n: number,
  i: number,
  j: number,
  from: number,
  to: number,
): void {
  let [s00, s01, s10, s11, s20, s21, s30, s31] = [0, 0, 0, 0, 0, 0, 0, 0];
  const [a0, a1, a2, a3] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n];
  const [b0, b1] = [j * n, (j + 1) * n];
  for (let t = from; t < to; t += 1) {
    const x = b[b0 + t] as number;
    const y = b[b1 + t] as number;
    const v0 = a[a0 + t] as number;
    s00 += v0 * x;
    s01 += v0 * y;
    const v1 = a[a1 + t] as number;
    s10 += v1 * x;
    s11 += v1 * y;
    const v2 = a[a2 + t] as number;
    s20 += v2 * x;
    s21 += v2 * y;
    const v3 = a[a3 + t] as number;
    s30 += v3 * x;
    s31 += v3 * y;
  }
  (c[a0 + j] as number) -= s00;
  (c[a0 + j + 1] as number) -= s01;
  (c[a1 + j] as number) -= s10;
  (c[a1 + j + 1] as number) -= s11;
  (c[a2 + j] as number) -= s20;
  (c[a2 + j + 1] as number) -= s21;
  (c[a3 + j] as number) -= s30;
  (c[a3 + j + 1] as number) -= s31;
}
