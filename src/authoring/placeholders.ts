/** What a placeholder stands for. */
export type PlaceholderSubject = 'account-id' | 'region' | 'bucket' | 'role' | 'partition';

/** Something that somebody still has to fill in. */
export interface FoundPlaceholder {
  readonly start: number;
  readonly end: number;
  /** As it is written. */
  readonly text: string;
  readonly subject: PlaceholderSubject;
  /** Words that say whose: a producer's account is not a consumer's. Such a one is never filled in along with others. */
  readonly whose?: string;
  /** True where the whole ARN is asked for, not the name in it. */
  readonly arn?: true;
}

/** Values to fill in. A subject without one stays as it is. */
export type PlaceholderValues = Readonly<Partial<Record<PlaceholderSubject, string>>>;

// The word that names the subject, in the languages that data-lake tutorials are written in. The first that matches decides.
const subjects: readonly (readonly [PlaceholderSubject, RegExp])[] = [
  ['account-id', /^(your|my|tu|su|seu|votre)?(aws)?(account|acct|accountid|accountnumber|cuenta|conta|compte|konto)s?(id|number|no)?$/],
  ['partition', /^(aws)?(partition|particion|particao)$/],
  ['region', /^(aws)?(region|regiao|regionname)$/],
  ['bucket', /^(s3)?(bucket|bucketname|cubeta|balde)$/],
  ['role', /^(iam)?(role|rol|papel|rolename)$/],
];

// Words that add nothing to what it is.
const empty = new Set((
  'aws amazon id ids identifier identificador number numero num no nr name nombre nome code codigo value valor your yours my the a this current own tu su mi seu sua meu minha teu tua el la los o de del da do of for ' +
  'votre vos mon ma nom identifiant sus seus suas um uma le les du des dashes dash hyphen sin guiones sem hifens only bare tirets sans ' +
  'here aqui goes replace reemplaza insert enter put with me change todo example ejemplo exemplo digit digits digitos without hyphens placeholder x xx xxx'
).split(' '));
const emptyFor: Readonly<Record<PlaceholderSubject, ReadonlySet<string>>> = {
  'account-id': new Set(['iam']),
  region: new Set(['account']),
  partition: new Set(['arn']),
  bucket: new Set(['s3', 'data', 'lake', 'datalake', 'unique', 'unico', 'globally', 'tutorial']),
  role: new Set(['iam', 'arn', 'workflow', 'flujo', 'lake', 'formation', 'lakeformation', 'lf', 'glue', 'lakeformationworkflow', 'lakeformationworkflowrole']),
};

/** `<your_AWS-accountId>`: your, aws, account, id. */
function wordsOf(text: string): string[] {
  return text
    .replace(/&(lt|gt|amp);|<\/?(?:em|i|b|strong|code|var|span|font|mark|u)(?:\s[^<>]{0,80})?>/gi, ' ')
    // Two services whose names hold a digit.
    .replace(/(?<![a-z\d])(?:s3|ec2)(?![a-z\d])/gi, ' ')
    .normalize('NFD').replace(/\p{M}/gu, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase().split(/[^a-z]+/).filter(Boolean);
}

/** The letter or digit that tells one of several: account-A-id, account_2. The article "a" has blanks around it. */
const ordinalIn = (text: string): string[] => {
  const found = /(?:^|[-_ ])([A-H])(?=[-_ ]|\W*$)|[-_]([a-h])(?=[-_]|\W*$)|(?:[-_ ]|(?<=[a-z]))(\d)(?=\W*$|[-_ ][a-z]*\W*$)/i.exec(text.replace(/s3|ec2|\ba /gi, ''));
  const each = found?.[1] ?? found?.[2] ?? found?.[3];
  return each ? [each.toLowerCase()] : [];
};

/** What somebody's words for a placeholder mean; undefined when they name nothing that we could fill in. */
export function readPlaceholder(text: string): Pick<FoundPlaceholder, 'subject' | 'whose' | 'arn'> | undefined {
  const words = wordsOf(text);
  for (const [subject, pattern] of subjects) {
    if (words.length <= 8 && words.some((word) => pattern.test(word))) {
      const whose = [...words.filter((word) => !pattern.test(word) && !empty.has(word) && !emptyFor[subject].has(word)), ...ordinalIn(text)].join(' ');
      return { subject, ...(whose && { whose }), ...(subject === 'role' && words.includes('arn') && { arn: true }) };
    }
  }
  return undefined;
}

/** Ids that AWS's documentation uses in examples; the second of a pair is never the same account as the first. */
export const exampleAccounts: ReadonlySet<string> = new Set(['123456789012', '111122223333', '012345678901', '111111111111', '999999999999', '444455556666', '555566667777', '222222222222', '777788889999', '901234567890', '123456789123', '987654321012', '1234-5678-9012']);
const secondAccounts = new Set(['444455556666', '555566667777', '222222222222', '777788889999']);

// What an expression of the language itself looks like is none of ours there.
const code = { typescript: /^(\$\{|\{|\[|\$\()/, python: /^(\$\{|\{(?!\{)|\[|\$\()/, hcl: /^(\$\{|\{|\[)/, yaml: /^(\$\{|\{(?!\{)|\[)/ } as const;

const inner = String.raw`[\p{L}\d](?:[\p{L}\d _.\-]|\\-){0,39}`;
// A variable of the environment is named, not left open, and so is a key.
const unnamed = String.raw`(?<![\w$\{<\-.]|env\w*[[(]["'])`;
const noKey = String.raw`(?![\w\-]|\s*[=(]|["']\s*[:=]|\s*:(?:\s|$))`;
/** In a program a name in capitals is a constant, unless it says that it is to be replaced. */
const toReplace = /^(?:your|tu|su|seu|sua|votre|replace|reemplaza|insert|put|enter|change|todo)[_-]/i;
const spellings = new RegExp(
  [
    String.raw`<(?:em|i|b|var|strong|span|font|mark|u|code)(?:\s[^<>]{0,80})?>${inner}</(?:em|i|b|var|strong|span|font|mark|u|code)>`,
    String.raw`\\?<<?\s?${inner}\s?\\?>>?`,
    String.raw`&lt;\s?${inner}\s?&gt;`,
    String.raw`\$?\{\{?\s?${inner}\s?\}\}?`,
    String.raw`\$\(${inner}[)}]`,
    String.raw`%${inner}%`,
    String.raw`\[\[?${inner}\]\]?(?![(\[:])`,
    String.raw`__?${inner}__`,
    // Halves of a pair, as in <>account-id and $(ACCOUNT_ID}.
    String.raw`<>\s?[\p{L}][\p{L}\d_\-]{0,39}`,
    String.raw`\$\{${inner}\)`,
    // Without any marks only what shouts, or says whose it is.
    String.raw`${unnamed}(?:[A-Z][A-Z\d]*(?:[_\-][A-Z\d]+)+)${noKey}`,
    String.raw`(?<=[a-z\d]-)(?:YOUR|TU|SU|SEU|SUA|VOTRE)_[A-Z\d]+(?:_[A-Z\d]+)*${noKey}`,
    String.raw`${unnamed}(?:your|tu|su|seu|sua|votre|my|mi)[_\-][a-z\d]+(?:[_\-][a-z\d]+)*${noKey}`,
    String.raw`(?<![\w#*])(?:[xX]{12}|#{12}|\*{12}|[xX]{4}-[xX]{4}-[xX]{4})(?![\w#*])`,
    // As the console writes it.
    String.raw`(?<![\d-])1234-5678-9012(?![\d-])`,
    // Not the end of a UUID.
    String.raw`(?<!\d|[\da-fA-F]{4}-)\d{12}(?!\d)`,
  ].join('|'),
  'gu',
);
/** Buckets of AWS's documentation. */
const exampleBuckets = /^(?:doc-example-bucket|amzn-s3-demo-bucket|awsexamplebucket|examplebucket|bucket[-_]?name)\d*$/i;
// An ARN's fields tell what is missing even where the words do not: arn:aws:iam::<>id:role/x, arn:aws:s3:::…
const arns = /arn:[^:\s"'`]{1,40}:[a-z\d-]{1,30}:([^:"'`\s]{0,60}):(<[^<>\n]{1,40}>|\[[^\]\n"]{1,40}\]|\([^)\n":]{1,40}\)|(?:your |tu |su |seu )?(?:aws )?(?:account|cuenta|conta)[ -]?(?:id|number)|[^:"'`\s]{0,60}):(role\/|)(<[^<>\n]{1,60}>(?=[/*"'`\s,]|$)|\[[^\]\n"]{1,60}\](?=[/*"'`\s,]|$)|\([^)\n"]{1,60}\)(?=[/*"'`\s,]|$)|[^\s"'`,/*]{0,80})/giu;

/** Looks as if nobody could mean it: brackets, capitals, dots. */
const looksOpen = (text: string): boolean => /[<>{}[\]()%$#]|\.\.\.|…|^[A-Z][A-Z\d_-]+$|^[xX]{4,}$/.test(text) && !/^\$\{[^}]*$|::|^\$\(\S+ /.test(text);

/**
 * Every placeholder in a text that stands for an account, a region, a bucket, a role or a partition, however it is spelt.
 *
 * @param language what the text is written in (`typescript`, `python`, `hcl`, `yaml`): there `${…}` and the like are code.
 */
export function findPlaceholderSpellings(text: string, language?: string): FoundPlaceholder[] {
  const isCode = (spelling: string): boolean => language !== undefined && language in code && code[language as keyof typeof code].test(spelling);
  const found = new Map<number, FoundPlaceholder>();
  const add = (start: number, spelling: string, read: Pick<FoundPlaceholder, 'subject' | 'whose' | 'arn'>): void => {
    if (spelling !== '' && !isCode(spelling)) {
      found.set(start, { start, end: start + spelling.length, text: spelling, ...read });
    }
  };
  const inside: (readonly [number, number])[] = [];
  for (const match of text.matchAll(arns)) {
    const [whole, region = '', account = '', path = '', name = ''] = match;
    const service = whole.split(':')[2];
    const accountAt = match.index + whole.length - name.length - path.length - 1 - account.length;
    const nameAt = match.index + whole.length - name.length;
    const regionAt = accountAt - 1 - region.length;
    // The sandbox's account is nobody's on AWS.
    if (looksOpen(account) || account === '000000000000' || readPlaceholder(account)?.subject === 'account-id') {
      add(accountAt, account, asSubject('account-id', account));
      inside.push([accountAt, accountAt + account.length]);
    }
    if (looksOpen(region) || readPlaceholder(region)?.subject === 'region') {
      add(regionAt, region, asSubject('region', region));
      inside.push([regionAt, regionAt + region.length]);
    }
    if (service === 's3' && (exampleBuckets.test(name) || (looksOpen(name) && readPlaceholder(name)?.subject !== 'account-id'))) {
      add(nameAt, name, exampleBuckets.test(name) ? { subject: 'bucket' } : asSubject('bucket', name));
      inside.push([nameAt, nameAt + name.length]);
    }
    if (service === 'iam' && path !== '' && looksOpen(name)) {
      add(nameAt, name, asSubject('role', name));
      inside.push([nameAt, nameAt + name.length]);
    }
  }
  inside.sort(([a], [b]) => a - b);
  let next = 0;
  for (const match of text.matchAll(spellings)) {
    const [spelling] = match;
    const [start, end] = [match.index, match.index + spelling.length];
    while ((inside[next]?.[1] ?? Infinity) <= start) next++;
    if ((inside[next]?.[0] ?? Infinity) < end) {
      continue;
    }
    if (/^(\d{12}|\d{4}-\d{4}-\d{4}|[xX#*-]+)$/.test(spelling)) {
      if (!/^\d/.test(spelling) || exampleAccounts.has(spelling)) {
        add(start, spelling, { subject: 'account-id', ...(secondAccounts.has(spelling) && { whose: spelling }) });
      }
      continue;
    }
    const read = language !== undefined && language in code && /^[\w-]+$/.test(spelling) && !toReplace.test(spelling) ? undefined : readPlaceholder(spelling);
    // List<Account> is a type, <AccountId>…</AccountId> is an answer of AWS's, and [region] a heading of a configuration file.
    const isType = /^<[A-Z][A-Za-z\d]*>$/.test(spelling) && /\w/.test(text[start - 1] ?? '');
    const isTag = spelling.startsWith('<') && text.startsWith(`</${spelling.slice(1)}`, text.indexOf('</', end));
    const isHeading = /^\[\w+\]$/.test(spelling);
    if (read && !isType && !isTag && !isHeading) {
      add(start, spelling, read);
    }
  }
  return [...found.values()].sort((a, b) => a.start - b.start);
}

/** By its place; the words may still say whose it is. */
function asSubject(subject: PlaceholderSubject, text: string): Pick<FoundPlaceholder, 'subject' | 'whose'> {
  const read = readPlaceholder(text);
  return { subject, ...(read?.subject === subject && read.whose && { whose: read.whose }) };
}

/** What goes in the place of a placeholder; undefined when its value is not known, or it says already what would be filled in. */
export function valueFor(found: FoundPlaceholder, values: PlaceholderValues): string | undefined {
  const value = values[found.subject];
  const { partition = 'aws', 'account-id': account } = values;
  const filled = found.arn && value !== undefined ? (account === undefined ? undefined : `arn:${partition}:iam::${account}:role/${value}`) : value;
  return filled === found.text ? undefined : filled;
}

/** Replaces all that is known and says nobody else's name. */
export function fillPlaceholders(text: string, values: PlaceholderValues, language?: string): string {
  let filled = '';
  let from = 0;
  for (const found of findPlaceholderSpellings(text, language)) {
    const value = found.whose === undefined ? valueFor(found, values) : undefined;
    if (value !== undefined) {
      filled += text.slice(from, found.start) + value;
      from = found.end;
    }
  }
  return filled + text.slice(from);
}
