// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the framework's references are written like this
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { copiedProject } from '../../support/copied-project.ts';
import { startStack } from '../../support/stack.ts';

/** A copy of the project whose serverless.yml has one thing less. */
async function projectWithout(removed: string): Promise<string> {
  const root = await copiedProject();
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const file = join(root, 'serverless.yml');
  const text = await readFile(file, 'utf8');
  expect(text).toContain(removed);
  await writeFile(file, text.replace(removed, ''));
  return root;
}

test('a permission that serverless.yml lacks is missed on the laptop, and the line to add is told', async () => {
  const root = await projectWithout('          - dynamodb:GetItem\n');
  const stack = await startStack({ root });
  onTestFinished(() => void stack.stop());
  const { status } = await fetch(`${stack.baseUrl}/photos/01KAF00000000000000000000A`);
  expect(status).toBe(500);
  const told = stack.lines.filter((line) => line.startsWith('Permission: '));
  expect(told).toEqual([
    expect.stringMatching(
      /^Permission: photos may not dynamodb:GetItem on arn:\S+:table\/afterparty-local-table\. To allow it, add to the access of photos in serverless\.yml: - \{ actions: \[dynamodb:GetItem\], on: !GetAtt Table\.Arn \}$/,
    ),
  ]);
});

test('what AWS needs by itself is missed at the start', async () => {
  const root = await projectWithout(
    '      - actions: [s3:ListBucket]\n        on: !GetAtt OperationsBucket.Arn\n',
  );
  await expect(startStack({ root })).rejects.toThrow(
    /On AWS this would not work:\s+announceChanges may not s3:ListBucket on arn:aws:s3:::afterparty-local-operations-000000000000-eu-west-1\. To allow it, add to the access of announceChanges in serverless\.yml: - \{ actions: \[s3:ListBucket\], on: !GetAtt OperationsBucket\.Arn \} \(for the failure destination of its event source mapping\)/,
  );
});
