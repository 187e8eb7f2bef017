import type { FirehoseTransformationEventRecord, FirehoseTransformationResultRecord } from 'aws-lambda';
import { clickRecord } from './click.ts';

/**
 * One record of the delivery stream as it is to be stored: its lines parsed and written anew, so that nothing but
 * what lib/clicks/click.ts names gets through. A record without a line is dropped; one with a line that is none is
 * handed back as failed and kept apart as it came, so that nothing is lost.
 */
export function shaped({
  recordId,
  data,
}: FirehoseTransformationEventRecord): FirehoseTransformationResultRecord {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(data, 'base64'));
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length === 0) return { recordId, result: 'Dropped', data };
    const shapedLines = lines.map((line) => `${JSON.stringify(clickRecord.parse(JSON.parse(line)))}\n`);
    return { recordId, result: 'Ok', data: Buffer.from(shapedLines.join('')).toString('base64') };
  } catch {
    return { recordId, result: 'ProcessingFailed', data };
  }
}
