const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const largest = 999_999_999_999n;

/**
 * The account that an access key belongs to, out of the key's id alone.
 *
 * After the four letters of its type the id is Base32: one bit that is set in every id made since 2019, then 40 bits of
 * account id. Older ids hold no account. AWS does not document this; `sts:GetAccessKeyInfo` answers the same.
 */
export function accountOfAccessKey(id: string | undefined): string | undefined {
  if (id === undefined || !/^A[KS]IA[A-Z2-7]{16}$/.test(id)) {
    return undefined;
  }
  let bits = 0n;
  // Nine letters are 45 bits: the mark of the generation, the account, and four bits of something else.
  for (const letter of id.slice(4, 13)) {
    bits = (bits << 5n) | BigInt(alphabet.indexOf(letter));
  }
  const account = (bits >> 4n) & ((1n << 40n) - 1n);
  return bits >> 44n === 1n && account <= largest ? String(account).padStart(12, '0') : undefined;
}
