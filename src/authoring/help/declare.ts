import type { LakeDocument } from '../document.ts';
import type { Edit } from '../rule.ts';
import type { Step } from '../tutorial.ts';

/** What a text says where it has its readers make a kind of resource, in English, Spanish, Portuguese and French. */
const SAID: readonly (readonly [kind: string, said: RegExp])[] = [
  ['admin-user', /\b(?:iam user|usuario (?:de )?iam|usuário (?:do )?iam|utilisateur iam|create-user|datalakeadmin)\b/i],
  ['lake-admin', /\b(?:data ?lake administrators?|administrador(?:es)? (?:del|de) (?:data ?lake|lago)|lake formation admin|put-data-lake-settings)\b/i],
  ['bucket', /\b(?:(?:create|make|creat|cre[ae]|creamos|crie|criar|crear)\w*\b[^.\n]{0,40}\bbuckets?|s3 mb|create-bucket)\b/i],
  ['zones', /\bbronze\b[^]{0,400}\bsilver\b[^]{0,400}\bgold/i],
  ['instance', /\b(?:ec2 instance|instancia (?:de )?ec2|instância (?:do )?ec2|run-instances)\b/i],
  ['elastic-ip', /\b(?:elastic ip|ip elástica|allocate-address)\b/i],
  ['inserter', /\b(?:lambda function|funci[oó]n lambda|função lambda|fonction lambda|create-function)\b/i],
  ['schedule', /\b(?:eventbridge|put-rule|rate\(\d)/i],
  ['s3-endpoint', /\b(?:gateway endpoint|vpc endpoint|endpoint de (?:vpc|s3)|create-vpc-endpoint)\b/i],
  ['workflow-role', /\b(?:LakeFormationWorkflowRole|(?:create|creat|cre[ae]|crear|crie|criar)\w*\b[^.\n]{0,40}\b(?:iam )?(?:role|rol|função)\b|create-role)/i],
  ['lake-location', /\b(?:data ?lake locations?|register[^.\n]{0,40}location|registr\w+[^.\n]{0,40}(?:ubicaci[oó]n|localização)|register-resource)\b/i],
  ['lake-database', /\b(?:glue database|catalog database|data catalog[^.\n]{0,40}database|base de datos (?:de|en|del) (?:glue|lake formation|cat[aá]logo)|glue create-database)\b/i],
  ['lake-grants', /\b(?:grant (?:data lake )?permissions?|otorg\w+ permisos|conceder permiss\w+|lakeformation grant-permissions)\b/i],
  ['connection', /\b(?:jdbc connection|glue connection|conexi[oó]n (?:de glue|jdbc)|conexão (?:do glue|jdbc)|glue create-connection)\b/i],
  ['crawler', /\bcrawlers?\b|\b(?:start|create)-crawler\b/i],
  ['workflow', /\b(?:glue workflow|blueprint|create-workflow)\b/i],
  ['work-group', /\b(?:athena work ?group|work ?group (?:de|in|en) athena|create-work-group)\b/i],
  ['quicksight-dashboard', /\bquick ?sight\b[^]{0,300}\bdashboard/i],
];

/** The kinds that {@link kindsIn} can tell. */
export const toldKinds: readonly string[] = SAID.map(([kind]) => kind);

/** The kinds of resources that a step's text has its readers make; whoever takes them over looks at them. */
export const kindsIn = ({ title, body }: Pick<Step, 'title' | 'body'>): readonly string[] => SAID.filter(([, said]) => said.test(`${title}\n${body}`)).map(([kind]) => kind);

/** The comment that says what the step at an offset's heading provisions; undefined where it says so, or nothing is to be told. */
export function declareStep(document: LakeDocument, offset: number): Edit | undefined {
  const step = document.tutorial.steps.find(({ headingRange }) => document.source.lineStart(headingRange.start.offset) <= offset && offset <= headingRange.end.offset);
  if (!step || step.role !== 'step' || step.provisions.length > 0) return undefined;
  const kinds = kindsIn(step);
  if (kinds.length === 0) return undefined;
  const area = document.text.slice(step.headingRange.start.offset, step.range.end.offset);
  const comment = /<!--\s*lake:step\b[^]*?(?=\s*-->)/.exec(area);
  if (comment) {
    const at = step.headingRange.start.offset + comment.index + comment[0].length;
    return { start: at, end: at, text: ` provisions=${kinds.join(',')}` };
  }
  const variables = new Set(document.tutorial.variables.map(({ name }) => name));
  const needs = [...new Set([...area.matchAll(/<([a-z][a-z\d-]*)>/g)].map(([, name = '']) => name))].filter((name) => variables.has(name));
  const { end } = step.headingRange;
  const lineBreak = document.text.includes('\r\n') ? '\r\n' : '\n';
  // An item's or a quote's text goes on under its first letter.
  const indent = /^(?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t]+)*/.exec(document.lineAt(step.headingRange.start.offset))?.[0].replace(/[^\s>]/g, ' ') ?? '';
  return { start: end.offset, end: end.offset, text: `${lineBreak}${indent}<!-- lake:step id=${step.id} provisions=${kinds.join(',')}${needs.length > 0 ? ` needs=${needs.join(',')}` : ''} -->` };
}
