import * as l10n from '@vscode/l10n';

import type { LakeDocument } from '../document.ts';
import { kindsIn } from '../help/declare.ts';
import type { Fix, Rule } from '../rule.ts';
import { createsOf, titleOf } from '../subject.ts';

/** In prose, in the languages of tutorials; and the calls that remove. */
const THINGS = '(?:bucket|stack|cluster|instance|crawler|database|table|job|resource|role|user|environment|notebook|endpoint|everything|stream|function|workgroup|policy|objects?|domain|warehouse|service|vpc|key)';
const CLEANUP = new RegExp(
  String.raw`clean(?:ing|s|ed)?[- ]?(?:it )?up|tear(?:ing)?[- ]?down|(?:delet(?:e|ing)|terminat(?:e|ing)|remov(?:e|ing)|destroy(?:ing)?|shut(?:ting)? down|empty) (?:(?:the|your|all|any|this|these|that|aws|both|created) )*(?:[\w*\x60-]+ ){0,4}${THINGS}|` +
  String.raw`(?:limpieza|limpiar|limpeza|limpar)\b[^\n]{0,25}\b(?:recursos?|entorno|ambiente|cuenta|conta|buckets?|todo|tudo|laboratorio|final)|^#+[^\n]{0,12}(?:limpieza|limpeza|limpiar|limpar)\s*$|eliminar? (?:los|el|la|las|todos|todo)|borrar? (?:los|el|la|las|todo)|elimin(?:ando|ación)|excluir? (?:os|o|a|as|todos)|apagar? (?:os|o|a|as|tudo)|delete (?:os|o|a|as) |deletar|remover (?:os|o|a|as)|nettoy|supprim(?:er|ez|ons|ant)|` +
  String.raw`dọn dẹp|xóa|xoá|удал(?:ить|ите|ение|яем)|очист|정리|삭제|清理|删除|刪除|清除|削除|クリーンアップ|` +
  String.raw`delete-(?:stack|bucket|crawler|database|job|function|role|user|cluster|stream|table|workflow|policy|work-group)|terminate-|\bs3 rb\b|aws s3 rm|terraform destroy|cdk destroy|sam delete|serverless remove|DROP (?:TABLE|DATABASE|SCHEMA)(?! IF EXISTS)|docker-compose down|cleanup\.|teardown`,
  'imu',
);

/** What a tutorial creates goes on to cost, and nothing says how to remove it. */
export const noCleanUp: Rule = {
  id: 'no-clean-up',
  level: 'note',
  title: () => l10n.t('Nothing removes what is created'),
  check: (document) => {
    if (!createsOf(document).isLake || document.tutorial.steps.some(({ role }) => role === 'cleanup') || document.count('clean-up', ({ text }) => CLEANUP.test(text)) > 0) return [];
    const { start, end } = titleOf(document);
    return [{ start, end, message: l10n.t('The text has its readers create things, and nowhere says how to remove them. Add a step that cleans up.'), fix: draft(document) }];
  },
};

/** A section at the end that names what the steps make, the last first. */
function draft(document: LakeDocument): Fix {
  const { steps } = document.tutorial;
  const made = [...new Set(steps.flatMap((step) => (step.provisions.length > 0 ? step.provisions.map(({ kind }) => kind) : kindsIn(step))))].reverse();
  const marks = /^#{1,6}(?=[ \t])/.exec(document.text.slice(steps.at(-1)?.headingRange.start.offset ?? 0))?.[0] ?? '##';
  const last = document.text.trimEnd();
  const lines = ['', '', `${marks} ${l10n.t('Clean up')}`, '', l10n.t('Delete what you created, in this order:'), '', ...(made.length > 0 ? made : ['…']).map((kind, index) => `${index + 1}. ${kind}`), ''];
  return { title: l10n.t('Add a section that cleans up'), edits: [{ start: last.length, end: document.text.length, text: lines.join(document.text.includes('\r\n') ? '\r\n' : '\n') }], isDraft: true };
}
