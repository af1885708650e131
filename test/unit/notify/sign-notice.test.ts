import { expect, test } from 'vitest';
import { noticeHeaders } from '../../../src/notify/sign-notice.ts';

const notice = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  sealedAt: '2021-02-25T15:02:10.000Z',
  body: '{"test": 2432232314}',
};

test('a notice is signed as the libraries of Standard Webhooks sign their own example', () => {
  const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  expect(noticeHeaders(notice, key, new Date(1614265330_000))).toEqual({
    'webhook-id': notice.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('without a key there is no signature', () => {
  expect(Object.keys(noticeHeaders(notice, null, new Date()))).toEqual([
    'webhook-id',
    'webhook-timestamp',
  ]);
});
