import { expect, it } from 'vitest';
import { burst } from '../../bench/upload/burst.ts';
import { pictures } from '../../bench/upload/pictures.ts';
import { Random } from '../../offline/random.ts';
import { aPerson } from '../support/e2e/person.ts';
import { aPicture, aSlot, postForm, settled } from '../support/e2e/photos.ts';
import { callerOf, recorded } from '../support/e2e/record.ts';
import { stack } from '../support/e2e/stack.ts';

it('loses none of 200 photos that come at once, and makes, announces and tells none twice', async () => {
  const files = await pictures(new Random(1), 200, 64, 48);
  expect((await burst(stack, files)).violations).toEqual([]);
}, 240_000);

it('makes no call that is bound to fail for a photo', async () => {
  const person = await aPerson('paula');
  const bytes = await aPicture();
  const { photo, upload } = await aSlot(person, bytes);
  const calls = await recorded(() => postForm(upload, bytes));
  expect((await settled(person, photo.id)).status).toBe('ready');
  const made = calls.filter((call) => callerOf(call) === 'makeRenditions');
  expect(made.map(({ result }) => result)).toEqual(made.map(() => 'ok'));
  expect(made.length).toBeGreaterThan(8);
});
