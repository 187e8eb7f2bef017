const table = { TableName: 'things' };
const small = Buffer.alloc(4_096, 'photo');
const large = Buffer.alloc(1_048_576, 'photo');
const queue = (endpoint: string) => `${endpoint}/000000000000/uploads`;

/** An item of about 1 kB in the index; `place` makes it one of a thousand. */
function item(place: number) {
  return {
    pk: { S: `PHOTO#${place % 1_000}` },
    sk: { S: 'PHOTO' },
    gsi1pk: { S: `OWNER#${place % 50}` },
    caption: { S: 'x'.repeat(1_000) },
  };
}

const key = (place: number) => ({ pk: item(place).pk, sk: item(place).sk });

/** What each operation is asked, the `place`-th time. */
export const inputs = {
  'S3 PutObject 4 kB': (_endpoint: string, place: number) => ({
    Bucket: 'media',
    Key: `small/${place % 100}`,
    Body: small,
  }),
  'S3 PutObject 1 MB': (_endpoint: string, place: number) => ({
    Bucket: 'media',
    Key: `large/${place % 10}`,
    Body: large,
  }),
  'S3 GetObject 4 kB': () => ({ Bucket: 'media', Key: 'small/0' }),
  'DynamoDB PutItem': (_endpoint: string, place: number) => ({ ...table, Item: item(place) }),
  'DynamoDB GetItem': (_endpoint: string, place: number) => ({ ...table, Key: key(place) }),
  'DynamoDB Query of 20': (_endpoint: string, place: number) => ({
    ...table,
    IndexName: 'gsi1',
    Limit: 20,
    KeyConditionExpression: 'gsi1pk = :owner',
    ExpressionAttributeValues: { ':owner': item(place).gsi1pk },
  }),
  'DynamoDB TransactWriteItems of 3': (_endpoint: string, place: number) => ({
    TransactItems: [0, 1, 2].map((step) => ({ Put: { ...table, Item: item(3 * place + step) } })),
  }),
  'SQS SendMessage': (endpoint: string) => ({ QueueUrl: queue(endpoint), MessageBody: 'x'.repeat(500) }),
  'SNS Publish to one queue': () => ({
    TopicArn: 'arn:aws:sns:eu-west-1:000000000000:activity',
    Message: 'x'.repeat(500),
  }),
} as const;

export type Operation = keyof typeof inputs;
