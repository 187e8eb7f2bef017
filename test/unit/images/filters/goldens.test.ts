import { describe, expect, it, vi } from 'vitest';
import { FILTERS } from '../../../../lib/images/filters/registry.ts';
import type { Raster } from '../../../../lib/images/raster.ts';
import { meanDeltaE, structuralSimilarity } from '../../../support/pictures/compare.ts';
import { pictured, readGoldens } from '../../../support/pictures/goldens.ts';

// Many pictures take their time on a machine that does other things too.
vi.setConfig({ testTimeout: 60_000 });

const goldens = await readGoldens();

describe('what a filter makes of a picture looks as it did', () => {
  it('for every filter', () => {
    expect([...goldens.keys()]).toEqual(FILTERS.map(({ name }) => name));
  });

  it.each([...goldens])('%s', async (name, golden) => {
    const now = await pictured(name);
    expect(meanDeltaE(golden as Raster, now)).toBeLessThan(0.5);
    expect(structuralSimilarity(golden as Raster, now)).toBeGreaterThan(0.98);
  });
});
