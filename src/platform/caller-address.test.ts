import { expect, test } from '@jest/globals';
import { countedAddress } from './caller-address.ts';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:4711', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['[2001:DB8:1:2::9]:443', '2001:db8:1:2::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['2001:db8::7:0:0:1:2', '2001:db8:0:7::/64'],
])('%s counts as %s', (given, counted) => {
  expect(countedAddress(given)).toBe(counted);
});

test.each(['', 'unknown', '999.1.1.1', 'garbage:1', '1.2.3.4, 5.6.7.8', '_hidden'])('%j is no address', (given) => {
  expect(countedAddress(given)).toBeUndefined();
});
