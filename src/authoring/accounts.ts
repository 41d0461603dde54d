import type { LakeDocument, Place, View } from './document.ts';

/** A number that stands for an account. */
export interface Account extends Place {
  readonly digits: string;
  readonly isExample: boolean;
  /** `output`: a printed answer of AWS's, which shows somebody's id by its nature. */
  readonly kind: 'arn' | 'word' | 'output';
  /** The placeholder that belongs in its place. */
  readonly name: string;
}

/** Ids that AWS's documentation uses, or that nobody can have; and sequences of digits that say the same. */
const EXAMPLES = new Set(('123456789012 123456789123 111122223333 444455556666 555566667777 777788889999 012345678901 901234567890 987654321012 987654321098 210987654321 123412341234 123456781234 111111222222 222222333333 999988887777 112233445566 ' +
  '098765432109 543210987654 345678901234 234567890123 567890123456 121212121212 123123123123 111222333444 123456123456 000000000001 100000000001 120120120120 998877665544').split(' '));
const isExample = (digits: string): boolean => EXAMPLES.has(digits) || /^(\d)\1{8,}\d{0,3}$|^1234567890\d\d$|^0{6,}/.test(digits);

/** Accounts that are AWS's own: load balancers' logs, deep learning images, public snapshots, EMR and SageMaker registries. */
const AWS_OWN = new Set(('127311923021 033677994240 027434742980 797873946194 985666609251 054676820928 156460612806 652711504416 009996457667 897822967062 754344448648 582318560864 600734575887 383597477331 114774131450 783225319266 718504428378 507241528517 ' +
  '763104351884 683313688378 246618743249 382416733822 811284229777 257758044811 137112412989 099720109477 591542846629 602401143452 895885662937 755674844232 059303093425 107292555468 812206152185 048307370609 193880680451 906394416424 386209384616 128416352817').split(' '));

const ARN = /arn:aws[\w-]*:(?<service>[a-z\d-]*):[a-z\d-]{0,25}:(?<digits>\d{6,15}):/g;
const WORD = /(?:account|acct|cuenta|conta|compte|konto|계정|账户|账号|帳戶|аккаунт|аккаунта|tài khoản)s?[\s_-]*(?:ids?|number|no|n[uú]mero|ID|아이디|번호)?[`*_"')\s]{0,4}(?:[:=]|is|es|é|est|->|：)?[\s`*_"'(]{0,4}(?<digits>\d{8,15}|\d{4}-\d{4}-\d{4})(?![\d-]|\.\d)/gi;
/** A number alone in backticks, where the lines above speak of an account's. */
const ALONE = /`(?<digits>\d{12})`/g;
const SPEAKS = /(?:account|cuenta|conta|compte|계정|账户|账号|帳戶|アカウント|аккаунт\S*|tài khoản)[^.\n]{0,20}(?:\bids?\b|number|n[uú]mero|\bno\b|아이디|번호|号|番号|номер)|12[- ](?:digit|d[ií]git)/i;
const PRINCIPAL = /"AWS"\s*:\s*\[?\s*"(?<digits>\d{6,15})"/g;
const HOST = /(?<![\w-])(?<digits>\d{12})(?=\.dkr\.ecr\.|\.signin\.aws|-us-(?:east|west)-\d\b)|(?<=sqs\.[a-z\d-]{5,20}\.amazonaws\.com\/)(?<queue>\d{12})(?=\/)/g;

function find({ text, prose, code }: View): (Account & { readonly before: string })[] {
  const found = new Map<number, Account & { before: string }>();
  if (!/\d{6}|\d{4}-\d{4}-\d{4}/.test(text)) return [];
  const add = (start: number, digits: string, kind: Account['kind'], of: string): void => {
    const plain = digits.replaceAll('-', '');
    if (AWS_OWN.has(plain)) return;
    found.set(start, { start, end: start + digits.length, digits: plain, kind, isExample: isExample(plain), name: '<account-id>', before: of.slice(Math.max(0, start - 120), start) });
  };
  for (const of of [code, prose]) {
    for (const [pattern, kind] of [[ARN, 'arn'], [PRINCIPAL, 'arn'], [WORD, 'word'], [HOST, 'word']] as const) {
      for (const match of of.matchAll(pattern)) {
        const digits = match.groups?.['digits'] ?? match.groups?.['queue'] ?? '';
        const start = match.index + match[0].lastIndexOf(digits);
        if (kind === 'word' && pattern === WORD && digits.replaceAll('-', '').length !== 12 && !/^\d{9,13}$/.test(digits)) continue;
        if (!found.has(start)) add(start, digits, kind, of);
      }
    }
  }
  for (const match of text.matchAll(ALONE)) {
    if (!found.has(match.index + 1) && SPEAKS.test(text.slice(Math.max(0, match.index - 250), match.index))) add(match.index + 1, match.groups?.['digits'] ?? '', 'word', text);
  }
  return [...found.values()];
}

/** Says that what follows is what AWS, or a program, answers. */
const ANSWER = /(?:output|result|response|returns?|you (?:should|will) see|looks? like|similar to|salida|resultado|respuesta|saída|sortie|résultat|출력|결과|输出|結果|结果|вывод|результат|kết quả)[^\n]{0,60}:?\**\s*(?:```\w*|~~~\w*)?\s*$/i;

/** Every number that stands for an account, with whose it is where words say so. */
export const accountsOf = (document: LakeDocument): readonly Account[] =>
  document.once('accounts', () => {
    const plain = document.each('accounts', find);
    // A number that stands for an account somewhere is one wherever it comes back: in a bucket's name, say.
    const places = new Set(plain.map(({ start }) => start));
    const again = [...new Set(plain.filter(({ digits, kind }) => digits.length === 12 && kind !== 'arn').map(({ digits }) => digits))].flatMap((digits) => {
      const more: (typeof plain)[number][] = [];
      for (let at = document.text.indexOf(digits); at >= 0; at = document.text.indexOf(digits, at + 12)) {
        if (places.has(at) || !/[-_`"'/:=\s]/.test(document.text[at - 1] ?? '-') || /[\dA-Za-z]/.test(document.text[at + 12] ?? '')) continue;
        more.push({ start: at, end: at + 12, digits, kind: 'word', isExample: isExample(digits), name: '<account-id>', before: document.before(at, 120) });
      }
      return more;
    });
    const all = [...plain, ...again].sort((a, b) => a.start - b.start);
    const ids = new Map<string, string>();
    const roles = /\b(producer|consumer|source|target|central|grantor|grantee|prod|dev|origen|destino|origem)\b/gi;
    return all.map((account) => {
      const fence = document.fenceAt(account.start);
      const isOutput = fence !== undefined && isAnswer(document, fence.range.start.offset, fence.text);
      // Two accounts of one text are two: the first is the reader's, unless words say more.
      if (!ids.has(account.digits)) {
        const role = [...account.before.matchAll(roles)].at(-1)?.[1]?.toLowerCase();
        const name = ids.size === 0 && !role ? '<account-id>' : role ? `<${role}-account-id>` : `<account-${String.fromCharCode(97 + ids.size)}-id>`;
        ids.set(account.digits, [...ids.values()].includes(name) ? `<account-${String.fromCharCode(97 + ids.size)}-id>` : name);
      }
      return { ...account, name: ids.get(account.digits) ?? '<account-id>', ...(isOutput && { kind: 'output' as const }) };
    });
  });

function isAnswer(document: LakeDocument, fenceStart: number, text: string): boolean {
  if (/"ResponseMetadata"|"UserId"\s*:|"CreateDate"\s*:|"ETag"\s*:|"NextToken"|"HTTPStatusCode"|AccessDenied|An error occurred|is not authorized to perform/.test(text)) return true;
  return ANSWER.test(document.before(fenceStart, 160).trimEnd()) && !/"Effect"\s*:/.test(text);
}
