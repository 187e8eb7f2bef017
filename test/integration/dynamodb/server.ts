import { createDynamoDbEngines } from '../../../offline/dynamodb/engine.ts';
import { startTestGateway } from '../../support/gateway.ts';
import { tableStack } from '../../support/table-stack.ts';

/** A process of its own with the table under test: the state folder comes as argument, the client's config goes to the parent. */
const stateDir = process.argv[2];
if (!stateDir) throw new Error('expected the state folder as the first argument');
const { clientConfig } = await startTestGateway((context) => createDynamoDbEngines(context, tableStack()), {
  stateDir,
});
process.send?.(clientConfig);
