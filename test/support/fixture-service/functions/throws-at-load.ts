class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

export const handler = async () => null;

throw new ConfigurationError('TABLE_NAME is missing');
