import { ServiceError } from '../contract.ts';
import type { ControlHandler } from '../gateway/control.ts';
import type { Faults } from './faults.ts';
import { parseFaults } from './file.ts';

/**
 * The control of a running stack's faults: GET tells them and how often each was met, POST of what a fault file
 * holds replaces them, DELETE ends them.
 */
export function faultControl(faults: Faults): ControlHandler {
  return ({ method, body }) => {
    try {
      if (method === 'POST') faults.set(parseFaults(body, 'this request'));
    } catch (error) {
      throw new ServiceError('BadRequest', (error as Error).message, 400);
    }
    if (method === 'DELETE') faults.set([]);
    return { faults: faults.report() };
  };
}
