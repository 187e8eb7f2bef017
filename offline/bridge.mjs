/**
 * The handler that serverless-offline knows for every function. Requests never reach it, as the HTTP front
 * takes them first; what does is a call of serverless-offline's own invocation port, which asks for no
 * identity and writes no record.
 */
export const handler = async () => {
  throw new Error('Functions are invoked through the gateway: use its address as the endpoint of Lambda.');
};
