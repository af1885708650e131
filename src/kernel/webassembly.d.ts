// As much of the JavaScript interface of WebAssembly as is used here; TypeScript has it only with the types of browsers.
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
  }

  /** What comes of bytes has nothing that can be looked at. */
  const Module: new (bytes: Uint8Array) => object;

  class Instance {
    constructor(module: object, imports: Record<string, Record<string, Memory>>);
    readonly exports: object;
  }

  interface Global {
    readonly value: number;
  }
}
