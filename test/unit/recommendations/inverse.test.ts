import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inverseOf } from '../../../lib/recommendations/inverse.ts';
import { randomFrom } from '../../../lib/recommendations/random.ts';

describe('inverseOf', () => {
  it('gives what times the matrix is 1, at every size around the blocks', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 5, 63, 64, 65, 131), fc.nat(), (n, seed) => {
        const matrix = definite(n, seed);
        const inverse = inverseOf(matrix.slice(), n);
        let off = 0;
        for (let i = 0; i < n; i += 1) {
          for (let j = 0; j < n; j += 1) {
            let sum = i === j ? -1 : 0;
            for (let k = 0; k < n; k += 1)
              sum += (matrix[i * n + k] as number) * (inverse[k * n + j] as number);
            off = Math.max(off, Math.abs(sum));
          }
        }
        expect(off).toBeLessThan(1e-10);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses what has no inverse', () => {
    expect(() => inverseOf(Float64Array.of(1, 1, 1, 1), 2)).toThrow(RangeError);
    expect(inverseOf(new Float64Array(0), 0)).toHaveLength(0);
  });
});

function definite(n: number, seed: number): Float64Array {
  const random = randomFrom(seed);
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j < i; j += 1) matrix[i * n + j] = matrix[j * n + i] = random() - 0.5;
    matrix[i * n + i] = n + random();
  }
  return matrix;
}
