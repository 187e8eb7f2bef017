import type { ServiceName } from '../../contract.ts';
import type { Route } from '../route.ts';
import { discoveryProtocol } from './discovery.ts';
import { jsonProtocol } from './json.ts';
import { lambdaProtocol } from './lambda.ts';
import { personalizeProtocol } from './personalize.ts';
import type { Protocol } from './protocol.ts';
import { queryProtocol } from './query.ts';
import { s3Protocol } from './s3.ts';
import { s3FormProtocol } from './s3-form.ts';

/** The protocol of a route, and the service whose words its errors are told in. */
export function protocolOf(route: Exclude<Route, { protocol: 'control' | 'preflight' | 'unknown' }>): {
  protocol: Protocol;
  service: ServiceName;
} {
  switch (route.protocol) {
    case 'json':
      return { protocol: jsonProtocol(route.service, route.operation), service: route.service };
    case 'query':
      return { protocol: queryProtocol(route.service), service: route.service };
    case 'lambda':
      return { protocol: lambdaProtocol, service: 'lambda' };
    case 'personalize':
      return { protocol: personalizeProtocol, service: 'personalize' };
    case 'discovery':
      return { protocol: discoveryProtocol, service: 'cognito-idp' };
    case 's3-form':
      return { protocol: s3FormProtocol, service: 's3' };
    case 's3':
      return { protocol: s3Protocol, service: 's3' };
  }
}
