import { pack } from './pack.ts';
import type { Hooks, Serverless } from './serverless.ts';

/** Packs the functions for `serverless package`, `deploy` and `deploy function`. */
export default class Packaging {
  readonly hooks: Hooks;
  private readonly serverless: Serverless;

  constructor(serverless: Serverless, options: { readonly function?: string }) {
    this.serverless = serverless;
    this.hooks = {
      'before:package:createDeploymentArtifacts': () => this.packed(() => true),
      'before:package:function:package': () => this.packed((key) => key === options.function),
    };
  }

  private async packed(wanted: (key: string) => boolean) {
    const { service, serviceDir } = this.serverless;
    const functions = Object.entries(service.functions).filter(([key]) => wanted(key));
    const artifacts = await pack(serviceDir, new Map(functions.map(([key, { handler }]) => [key, handler])));
    for (const [key, config] of functions) {
      const artifact = artifacts.get(key);
      if (artifact) config.package = { ...config.package, individually: true, artifact };
    }
  }
}
