import { area } from '../../../lib/http/area.ts';
import { postBeaconRoute } from './post-beacon.ts';
import { postEventsRoute } from './post-events.ts';
import { postTicketRoute } from './post-ticket.ts';

export const routes = [postEventsRoute, postTicketRoute, postBeaconRoute];

export const handler = area(routes);
