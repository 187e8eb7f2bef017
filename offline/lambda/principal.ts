import type { Principal, Resource } from '../contract.ts';

/** A function as the caller of a service: what Lambda does in its name it does as this. */
export function functionPrincipal({ name, arn }: Pick<Resource, 'name' | 'arn'>): Principal {
  return { kind: 'function', name, arn };
}

/** Lambda itself, waking a function because of `sourceArn`. */
export function lambdaPrincipal(sourceArn: string): Principal {
  return { kind: 'service', name: 'lambda.amazonaws.com', sourceArn };
}

/** The name of a function from its name, ARN or partial ARN, with or without a qualifier. */
export function functionNameOf(reference: string): string {
  return /(?:^|:function:)([^:]+)(?::[^:]+)?$/.exec(reference)?.[1] ?? reference;
}
