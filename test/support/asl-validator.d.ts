declare module 'asl-validator' {
  /** Checks a state machine's definition, into which it writes. */
  export default function validate(definition: object): {
    readonly isValid: boolean;
    errorsText(separator?: string): string;
  };
}
