import { area } from '../../../lib/http/area.ts';
import { cancelBatchRoute } from './cancel-batch.ts';
import { createBatchRoute } from './create-batch.ts';
import { createEditRoute } from './create-edit.ts';
import { deleteEditRoute } from './delete-edit.ts';
import { getBatchRoute } from './get-batch.ts';
import { getEditRoute } from './get-edit.ts';
import { listEditsRoute } from './list-edits.ts';
import { listFiltersRoute } from './list-filters.ts';
import { makeCurrentRoute } from './make-current.ts';
import { showUneditedRoute } from './show-unedited.ts';

export const routes = [
  listFiltersRoute,
  createEditRoute,
  listEditsRoute,
  getEditRoute,
  deleteEditRoute,
  makeCurrentRoute,
  showUneditedRoute,
  createBatchRoute,
  getBatchRoute,
  cancelBatchRoute,
];

export const handler = area(routes);
