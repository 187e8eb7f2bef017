import { area } from '../../../lib/http/area.ts';
import { getHealthRoute } from './get-health.ts';
import { getOpenapiRoute } from './get-openapi.ts';

export const routes = [getHealthRoute, getOpenapiRoute];

export const handler = area(routes);
