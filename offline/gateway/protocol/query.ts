import { ServiceError, type ServiceName } from '../../contract.ts';
import { readBody } from '../http.ts';
import { sha256 } from '../identity/canonical.ts';
import { readClaim } from '../identity/claim.ts';
import { refusal } from '../identity/refusals.ts';
import { verifyRequest } from '../identity/verify.ts';
import { signingName } from '../route.ts';
import type { Protocol, Telling } from './protocol.ts';
import { membersToXml } from './xml.ts';

/** The one member of SNS answers that is a map. */
const MAPS = new Set(['Attributes']);

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';

/** The AWS query protocol: a form in, XML out. Every scalar of the input is a string. */
export function queryProtocol(service: ServiceName): Protocol {
  return {
    async read(request, judge) {
      const body = await readBody(request.incoming);
      const claim = readClaim(request, 'query');
      if (!claim) throw refusal('query', 'unsigned');
      const key = verifyRequest(request, claim, signingName(service), 'query', sha256(body), judge);
      const { Action, Version: _, ...input } = parseForm(body.toString('utf8'));
      if (typeof Action !== 'string') {
        throw new ServiceError('MissingAction', 'The request must contain the parameter Action.', 400);
      }
      return { principal: key.principal, service, operation: Action, input };
    },
    answer(answer, telling) {
      if ('status' in answer) return answer;
      const { operation, requestId } = telling;
      const result = `<${operation}Result>${membersToXml(answer.output, MAPS)}</${operation}Result>`;
      const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      const body = `<${operation}Response xmlns="${NAMESPACE}">${result}${metadata}</${operation}Response>`;
      return { status: 200, headers: headersOf(telling), body };
    },
    error(error, telling) {
      const members = membersToXml({
        Type: error.status < 500 ? 'Sender' : 'Receiver',
        Code: error.code,
        Message: error.message,
      });
      const body = `<ErrorResponse xmlns="${NAMESPACE}"><Error>${members}</Error><RequestId>${telling.requestId}</RequestId></ErrorResponse>`;
      return { status: error.status, headers: headersOf(telling), body };
    },
  };
}

type Tree = { [name: string]: string | Tree };

/**
 * Reads a form into members: `Tags.member.1.Key` is a list, `Attributes.entry.1.key` or `...Name` with
 * `.value` or `.Value` a map.
 */
export function parseForm(form: string): Record<string, unknown> {
  const tree: Tree = Object.create(null);
  for (const [path, value] of new URLSearchParams(form)) plant(tree, path.split('.'), value);
  return Object.fromEntries(Object.entries(tree).map(([name, node]) => [name, gather(node)]));
}

function plant(tree: Tree, path: string[], value: string): void {
  const last = path.at(-1) as string;
  let node = tree;
  for (const step of path.slice(0, -1)) {
    const next = node[step] ?? Object.create(null);
    if (typeof next === 'string') throw twofold(path);
    node[step] = next;
    node = next;
  }
  if (typeof node[last] === 'object') throw twofold(path);
  node[last] = value;
}

function twofold(path: string[]): ServiceError {
  return new ServiceError('MalformedInput', `"${path.join('.')}" is given both as a value and as a group.`);
}

function gather(node: string | Tree): unknown {
  if (typeof node === 'string') return node;
  if (node.member !== undefined) return inOrder(node.member).map(gather);
  if (node.entry !== undefined) {
    const pairs = inOrder(node.entry).map((entry) => entry as Tree);
    return Object.fromEntries(
      pairs.map((pair) => [pair.key ?? pair.Name, gather(pair.value ?? pair.Value ?? '')]),
    );
  }
  return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, gather(child)]));
}

function inOrder(list: string | Tree): (string | Tree)[] {
  if (typeof list === 'string') return [];
  return Object.entries(list)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => item);
}

function headersOf({ requestId }: Telling): Record<string, string> {
  return { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
}
