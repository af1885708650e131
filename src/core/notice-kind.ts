/** What whoever is on call can be told of. Named as the events of the conversion log that they are made from. */
export const noticeKinds = [
  ...(['failed', 'diverted', 'set_aside', 'parked', 'resumed'] as const),
  ...(['unexpected', 'alarm'] as const),
] as const;

export type NoticeKind = (typeof noticeKinds)[number];
