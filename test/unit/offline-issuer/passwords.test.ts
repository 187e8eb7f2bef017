import { describe, expect, test } from 'vitest';
import { acceptPassword, equal, randomPassword } from '../../../offline/issuer/passwords.ts';
import type { PasswordPolicy, Pool } from '../../../offline/issuer/pools.ts';

const strictest: PasswordPolicy = {
  minimumLength: 8,
  uppercase: true,
  lowercase: true,
  numbers: true,
  symbols: true,
  temporaryMs: 0,
};

function accept(password: string, policy: Partial<PasswordPolicy> = {}) {
  return acceptPassword({ name: 'pool', policy: { ...strictest, ...policy } } as Pool, 'alice', password);
}

describe('the password policy', () => {
  test.each([
    ['Aa1-', 'Password not long enough'],
    ['aaaaaaa1-', 'Password must have uppercase characters'],
    ['AAAAAAA1-', 'Password must have lowercase characters'],
    ['Aaaaaaaa-', 'Password must have numeric characters'],
    ['Aaaaaaaa1', 'Password must have symbol characters'],
    [' Aaaaaaa1-', 'no space at either end'],
    [`Aa1-${'a'.repeat(253)}`, 'at most 256 characters'],
  ])('refuses %j', (password, reason) => {
    expect(() => accept(password)).toThrow(reason);
  });

  test('asks for no more than the pool does', () => {
    const lenient = { uppercase: false, lowercase: false, numbers: false, symbols: false };
    expect(() => accept('        ', lenient)).toThrow();
    expect(accept('........', lenient).salt).toMatch(/^[0-9a-f]{32}$/);
  });

  test('a password of our own making meets the strictest policy and never repeats', () => {
    expect(() => accept(randomPassword(), { minimumLength: 99 })).not.toThrow();
    expect(randomPassword()).not.toBe(randomPassword());
  });

  test('the same password gets another salt and verifier each time', () => {
    expect(accept('Aaaaaaa1-').verifier).not.toBe(accept('Aaaaaaa1-').verifier);
  });
});

test('strings are equal in length and content', () => {
  expect([equal('a', 'a'), equal('a', 'b'), equal('a', 'aa'), equal('', '')]).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
