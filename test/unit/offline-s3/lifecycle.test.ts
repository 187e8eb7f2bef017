import { afterEach, describe, expect, test } from 'vitest';
import { type Inside, insideS3 } from './support.ts';

const day = 24 * 60 * 60 * 1000;
const versioned = { VersioningConfiguration: { Status: 'Enabled' } };
const rules = (...Rules: object[]) => ({
  LifecycleConfiguration: { Rules: Rules.map((rule) => ({ Status: 'Enabled', ...rule })) },
});

let s3: Inside;
afterEach(() => s3.stop());

const days = (count: number) => s3.context.clock.advance(count * day);

describe('a lifecycle rule', () => {
  test('expires what is old enough under its prefix, at the midnight after', async () => {
    s3 = insideS3(rules({ Prefix: 'tmp/', ExpirationInDays: 2 }));
    await s3.put('tmp/a');
    await s3.put('kept');
    await days(1.5);
    await s3.put('tmp/b');
    expect(await s3.versions()).toEqual(['kept object', 'tmp/a object', 'tmp/b object']);
    await days(1.5);
    expect(await s3.versions()).toEqual(['kept object', 'tmp/b object']);
    await days(2);
    expect(await s3.versions()).toEqual(['kept object']);
  });

  test('hides the newest version and removes older ones, where there are versions', async () => {
    s3 = insideS3({
      ...versioned,
      ...rules({ ExpirationInDays: 10 }, { NoncurrentVersionExpiration: { NoncurrentDays: 30 } }),
    });
    await s3.put('a', 'one');
    await days(5);
    await s3.put('a', 'two');
    await days(12);
    expect(await s3.versions()).toEqual(['a marker', 'a object', 'a object']);
    await days(20);
    expect(await s3.versions()).toEqual(['a marker', 'a object']);
    await days(12);
    expect(await s3.versions()).toEqual([]);
  });

  test('keeps as many older versions as it is told', async () => {
    const NoncurrentVersionExpiration = { NoncurrentDays: 1, NewerNoncurrentVersions: 2 };
    s3 = insideS3({ ...versioned, ...rules({ NoncurrentVersionExpiration }) });
    for (const body of ['1', '2', '3', '4', '5']) await s3.put('a', body);
    await days(3);
    expect(await s3.versions()).toEqual(['a object', 'a object', 'a object']);
  });

  test('removes delete markers with nothing behind them', async () => {
    s3 = insideS3({ ...versioned, ...rules({ ExpiredObjectDeleteMarker: true }) });
    const version = await s3.put('alone');
    await s3.remove('alone');
    await s3.remove('alone', version);
    await s3.put('hiding');
    await s3.remove('hiding');
    await days(1);
    expect(await s3.versions()).toEqual(['hiding marker', 'hiding object']);
  });

  test.each([
    ['tags', { TagFilters: [{ Key: 'state', Value: 'trashed' }] }, ['plain object']],
    ['sizes', { ObjectSizeGreaterThan: 6 }, ['plain object']],
    ['other sizes', { ObjectSizeLessThan: 6 }, ['trashed object']],
  ])('goes by %s', async (_what, filter, left) => {
    s3 = insideS3(rules({ ExpirationInDays: 1, ...filter }));
    await s3.put('trashed', 'trashed', { Tagging: 'state=trashed&x=y' });
    await s3.put('plain');
    await days(2);
    expect(await s3.versions()).toEqual(left);
  });

  test('aborts uploads that were never finished', async () => {
    s3 = insideS3(rules({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } }));
    await s3.context.ask('s3', 'CreateMultipartUpload', { Bucket: 'bucket', Key: 'parts' });
    const uploads = async () =>
      (await s3.context.ask('s3', 'ListMultipartUploads', { Bucket: 'bucket' })).Uploads;
    await days(1);
    expect(await uploads()).toHaveLength(1);
    await days(2);
    expect(await uploads()).toEqual([]);
  });

  test('that is switched off does nothing', async () => {
    s3 = insideS3(rules({ Status: 'Disabled', ExpirationInDays: 1 }));
    await s3.put('a');
    await days(3);
    expect(await s3.versions()).toEqual(['a object']);
  });

  test('catches up at a start, and names the transitions that it ignores', async () => {
    s3 = insideS3(rules({ ExpirationInDays: 1, Transitions: [{ StorageClass: 'GLACIER' }] }));
    expect(s3.context.logged).toEqual([expect.stringContaining('Transitions')]);
    await s3.put('a');
    await days(0.9);
    const { stateDir } = s3.context;
    await s3.context.stop({ remove: false });
    s3 = insideS3(rules({ ExpirationInDays: 1 }), stateDir);
    await s3.context.clock.advance(0);
    expect(await s3.versions()).toEqual(['a object']);
    await days(2);
    expect(await s3.versions()).toEqual([]);
  });
});
