import { ServiceError } from '../../contract.ts';
import { jsonProtocol } from './json.ts';
import { anonymous, type Protocol } from './protocol.ts';

/** What an issuer publishes at its address, by path: AWS has no names for these operations. */
const DOCUMENTS: ReadonlyMap<string, string> = new Map([
  ['openid-configuration', 'GetOpenIdConfiguration'],
  ['jwks.json', 'GetJsonWebKeySet'],
]);

/**
 * `GET /<user pool id>/.well-known/<document>`: becomes a cognito-idp call with `UserPoolId`; its output is
 * the document.
 */
export const discoveryProtocol: Protocol = {
  ...jsonProtocol('cognito-idp', 'GetOpenIdConfiguration'),
  async read({ rawPath }) {
    const [, UserPoolId = '', , document = ''] = rawPath.split('/');
    const operation = DOCUMENTS.get(document);
    if (!operation) {
      throw new ServiceError(
        'NotFound',
        `An issuer publishes ${[...DOCUMENTS.keys()]}, not ${document}.`,
        404,
      );
    }
    return { principal: anonymous, service: 'cognito-idp', operation, input: { UserPoolId } };
  },
};
