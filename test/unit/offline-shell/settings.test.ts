import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../offline/settings.ts';

describe('the settings of a run', () => {
  it('have defaults, and a seed that differs from run to run', () => {
    const settings = readSettings({}, '/project');
    expect(settings).toEqual({
      port: 3000,
      gatewayPort: undefined,
      stateDir: '/project/.local',
      seed: expect.any(Number),
      recordFile: undefined,
      faultFile: undefined,
      templateFile: undefined,
      bundles: undefined,
      watch: false,
      showLogs: false,
    });
    expect(readSettings({}, '/project').seed).not.toBe(settings.seed);
  });

  it('are read from the environment, paths from the project on', () => {
    const env = {
      PORT: '0',
      GATEWAY_PORT: '4566',
      STATE_DIR: 'state',
      SEED: '7',
      RECORD_FILE: '/tmp/calls',
      FAULTS: 'faults/slow.json',
      LOG: '1',
    };
    expect(readSettings(env, '/project')).toMatchObject({
      port: 0,
      gatewayPort: 4566,
      stateDir: '/project/state',
      seed: 7,
      recordFile: '/tmp/calls',
      faultFile: '/project/faults/slow.json',
      showLogs: true,
    });
  });

  it.each([
    [{ PORT: 'http' }, 'PORT must be a whole number from 0 to 65535, received "http".'],
    [{ PORT: '70000' }, 'PORT must be a whole number from 0 to 65535, received "70000".'],
    [{ GATEWAY_PORT: '-1' }, 'GATEWAY_PORT must be a whole number from 0 to 65535, received "-1".'],
    [{ SEED: '1.5' }, 'SEED must be a whole number from 0 to 4294967295, received "1.5".'],
    [{ LOG: 'yes' }, 'LOG must be 1 or 0, received "yes".'],
  ])('name what is wrong in %o', (env, sentence) => {
    expect(() => readSettings(env, '/project')).toThrow(sentence);
  });
});
