import type { LakeDocument, Place } from './document.ts';

/** What a text has its readers make. */
export interface Creates {
  /** Its steps create things of a data lake in an account. */
  readonly isLake: boolean;
  /** The first thing that is charged while it stands, or for each run. */
  readonly costly?: string;
}

const SERVICES = /\bS3\b|Glue|Athena|Lake Formation|LakeFormation|\bEMR\b|Redshift|Kinesis|Firehose|QuickSight|Quicksight|\bRDS\b|\bEC2\b|Lambda|DynamoDB|SageMaker|\bMSK\b|OpenSearch|Elasticsearch/;
const COSTLY = /\bEMR\b|Redshift|\bRDS\b|\bEC2\b|Kinesis|Firehose|SageMaker|\bMSK\b|OpenSearch|Elasticsearch|Quick[Ss]ight|Glue (?:ETL )?[Jj]ob|Glue [Cc]rawler|NAT [Gg]ateway|Cloud9|Aurora|DataBrew|[Cc]rawler|Athena/;
const CREATE =
  /\b(?:creat(?:e|ing|ed|es)|launch(?:ing)?|deploy(?:ing)?|provision(?:ing)?|set(?:ting)? up|add (?:a )?(?:new )?(?:crawler|job|database|user|role)|spin up|cre(?:ar|amos|a|e|ación|acion|ando|aremos)|lanz(?:ar|amos)|despleg\w+|cri(?:ar|e|amos|ação|ando)|implant\w+|cré(?:er|ez|ation|ons)|déploy\w+)\b|생성|만들|배포|tạo|triển khai|созда|разверн|创建|建立|部署|作成|create-(?:bucket|database|crawler|job|stack|function|role|cluster|stream)|\bs3 mb\b|terraform apply|cdk deploy|run-job-flow|start-crawler/iu;
const CREATES = new RegExp(CREATE, 'giu');

/** Read in prose, titles and commands, once a version. */
export const createsOf = (document: LakeDocument): Creates =>
  document.once('creates', () => {
    // Three verbs, in one piece or in three.
    const pieces = document.count('creates', ({ text }) => CREATE.test(text), 3);
    const creates = pieces >= 3 ? pieces : Math.max(pieces, document.count('creates-much', ({ text }) => [...text.slice(0, 20_000).matchAll(CREATES)].length >= 3) * 3);
    const services = document.count('services', ({ text }) => SERVICES.test(text));
    const costly = creates < 3 ? undefined : document.each('costly', ({ text }) => { const match = COSTLY.exec(text); return match ? [{ start: match.index, end: match.index, name: match[0] }] : []; })[0]?.name;
    // A page that only tells, or one step of many, is not asked for what its book says elsewhere.
    const isPart = /^---[^]{0,600}?^(?:weight|chapter|sidebar_position|nav_order|order|pre)\s*:/m.test(document.text.slice(0, 800)) || /^\+\+\+/.test(document.text) || /^(?:#[ \t]+)?[^\p{L}\d]{0,6}(?:module|lab|part|step|session|chapter|day|exercise|activity|appendix|parte|módulo|modulo|laboratorio|partie|phần|bài|часть|실습|모듈|파트|第)[ \t#]*[\dA-F一二三四五六七八九]{1,2}[a-z]?(?![\p{L}\d])/iu.test(document.text.slice(titleOf(document).start, titleOf(document).end));
    const isLake = !isPart && document.steps.length >= 2 && creates >= 3 && services >= 1;
    return { isLake, ...(costly !== undefined && { costly }) };
  });

/** Where what concerns the whole text is told: its title, else its first heading or words. */
export const titleOf = (document: LakeDocument): Place =>
  document.once('title', () => {
    const blocks = document.pieces.flatMap((piece) => piece.blocks);
    const headings = blocks.filter(({ type }) => type === 'heading');
    const block = headings.find(({ depth }) => depth === 1) ?? headings[0] ?? blocks.find(({ type }) => type !== 'yaml' && type !== 'rule');
    const start = block?.start ?? document.source.start;
    return { start, end: Math.min(block?.end ?? Infinity, document.source.lineEnd(start)) };
  });
