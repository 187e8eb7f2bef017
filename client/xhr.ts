/** What is used here of a browser's XMLHttpRequest. */
interface Xhr {
  readonly upload: {
    onprogress: ((sent: { readonly loaded: number; readonly total: number }) => void) | null;
  };
  readonly status: number;
  readonly responseText: string;
  onload: (() => void) | null;
  onerror: (() => void) | null;
  onloadend: (() => void) | null;
  open(method: string, url: string): void;
  send(body: FormData): void;
  abort(): void;
}

/** Undefined in Node and in workers of pages that have no such thing. */
export const xhrOf = () => (globalThis as unknown as { XMLHttpRequest?: new () => Xhr }).XMLHttpRequest;

/**
 * Posts a form as fetch does, which can't tell how much of it is sent. Throws TypeError where the network fails, as
 * fetch does, or the signal's reason.
 *
 * @param onSent told of the bytes that are sent, and how many there are, the form's own among them
 */
export function postByXhr(
  xhr: Xhr,
  url: string,
  form: FormData,
  signal: AbortSignal | undefined,
  onSent: (bytes: number, total: number) => void,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      reject(signal?.reason);
      xhr.abort();
    };
    signal?.addEventListener('abort', stop, { once: true });
    xhr.upload.onprogress = ({ loaded, total }) => onSent(loaded, total);
    xhr.onload = () => {
      const { status } = xhr;
      // A Response of 204 must not have a text, not even an empty one.
      resolve(new Response(status === 204 ? null : xhr.responseText, { status }));
    };
    xhr.onerror = () => reject(new TypeError('The network failed.'));
    xhr.onloadend = () => signal?.removeEventListener('abort', stop);
    xhr.open('POST', url);
    xhr.send(form);
  });
}
