import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parseFaults, readFaultFile } from '../../../offline/fault/file.ts';

const folder = join(import.meta.dirname, '../../../faults');
const throttle = { name: 'busy', service: 'dynamodb', effect: { kind: 'throttle' } };
const faultWith = (change: object) => ({ faults: [{ ...throttle, ...change }] });

it.each(readdirSync(folder))('%s is a fault file', (name) => {
  expect(readFaultFile(join(folder, name)).length).toBeGreaterThan(0);
});

it('happens always and to every operation unless the file says otherwise', () => {
  expect(parseFaults(faultWith({}), 'x')).toEqual([{ ...throttle, probability: 1, after: 0 }]);
});

it.each([
  [{}, '/faults: '],
  [{ faults: [], seed: 1 }, '"seed"'],
  [faultWith({ name: 'Ä' }), '/faults/0/name: must be 1 to 64 of a-z, 0-9 and -'],
  [{ faults: [throttle, throttle] }, '/faults/1/name: "busy" is there twice'],
  [faultWith({ service: 'ec2' }), '/faults/0/service: '],
  [faultWith({ operation: 'put item' }), '/faults/0/operation: '],
  [faultWith({ operation: [] }), '/faults/0/operation: '],
  [faultWith({ caller: 'service:' }), '/faults/0/caller: must be a function'],
  [faultWith({ resource: '*' }), '/faults/0/resource: '],
  [faultWith({ probability: 1.1 }), '/faults/0/probability: '],
  [faultWith({ times: 0 }), '/faults/0/times: '],
  [faultWith({ effect: { kind: 'explode' } }), '/faults/0/effect/kind: '],
  [
    faultWith({ effect: { kind: 'delay', minMs: 2, maxMs: 1 } }),
    '/faults/0/effect/minMs: must not be above maxMs',
  ],
  [faultWith({ effect: { kind: 'throttle', ms: 1 } }), '"ms"'],
  [
    faultWith({ operation: ['GetItem', 'PutItem'], effect: { kind: 'stale', ms: 5 } }),
    "/faults/0/effect/kind: stale can't happen to dynamodb:PutItem",
  ],
  [
    faultWith({ service: 's3', effect: { kind: 'unordered' } }),
    "/faults/0/effect/kind: unordered can't happen to any call of s3",
  ],
])('refuses %j and names the place', (value, sentence) => {
  expect(() => parseFaults(value, 'chaos.json')).toThrow('chaos.json');
  expect(() => parseFaults(value, 'chaos.json')).toThrow(sentence);
});

it('names a file that is missing or no JSON', () => {
  const own = mkdtempSync(join(tmpdir(), 'afterparty-faults-'));
  onTestFinished(() => rmSync(own, { recursive: true }));
  const file = join(own, 'faults.json');
  expect(() => readFaultFile(file)).toThrow(`The fault file ${file} can't be read: ENOENT`);
  writeFileSync(file, '{');
  expect(() => readFaultFile(file)).toThrow(`The fault file ${file} is no JSON: `);
});
