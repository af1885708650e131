export const codecNames = ['zstd', 'snappy', 'gzip', 'none'] as const;

/** The page compressions that can be configured. */
export type CodecName = (typeof codecNames)[number];
