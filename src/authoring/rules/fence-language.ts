import * as l10n from '@vscode/l10n';

import { isPolicy } from '../policyBlocks.ts';
import { replace, type RawFinding, type Rule } from '../rule.ts';

const SQL = /^\s*(?:--[^\n]*\n\s*)*(?:CREATE\s+(?:EXTERNAL\s+|OR\s+REPLACE\s+)?(?:TABLE|DATABASE|SCHEMA|VIEW)|SELECT\s[^]{0,2000}?\bFROM\b|INSERT\s+INTO|ALTER\s+TABLE|DROP\s+(?:TABLE|DATABASE)|GRANT\s+\w+\s+ON)\b/i;
const SHELL = /^\s*(?:#[^\n]*\n\s*)*(?:\$ )?(?:aws\s+[a-z\d-]+\s+[a-z\d-]+|sudo\s|cd\s+\S|pip3?\s+install|git\s+clone|npm\s+(?:install|ci|run)|terraform\s+(?:init|plan|apply)|cdk\s+(?:deploy|bootstrap)|curl\s+-)/;
const PYTHON = /^\s*(?:#[^\n]*\n\s*)*(?:import\s+(?:boto3|sys|json|os|pandas|pyspark|awswrangler)\b|from\s+[\w.]+\s+import\s)/;

/** A block whose tag is another language's: it is highlighted, and sometimes run, as what it is not. */
export const fenceLanguage: Rule = {
  id: 'fence-language',
  level: 'note',
  title: () => l10n.t('A code block tagged as another language'),
  check: (document) => {
    return document.fences.flatMap((fence): RawFinding[] => {
      const { language, text, range } = fence;
      if (language === '' || /^[{<]|[{:=]/.test(language)) return [];
      const is = isPolicy(fence) && /^\s*[{["]/.test(text) ? 'json' : /^\s*[{[]/.test(text) ? undefined : SQL.test(text) ? 'sql' : SHELL.test(text) ? 'sh' : PYTHON.test(text) ? 'python' : undefined;
      if (is === undefined || same(language, is)) return [];
      const start = range.start.offset + document.text.slice(range.start.offset, range.start.offset + 200).toLowerCase().indexOf(language);
      return [{ start, end: start + language.length, message: l10n.t('This block holds {0}, and its tag says otherwise: {1}', is, language), fix: replace(l10n.t('Write {0}', is), start, start + language.length, is) }];
    });
  },
};

const ALIKE: Readonly<Record<string, RegExp>> = {
  json: /^(?:json[c5l]?|text|txt|plain\w*|none|output|policy|iam|console|hjson)$/,
  sql: /^(?:\w*sql\w*|hql|hive|athena|trino|presto|redshift|text|txt|plain\w*|none|ddl|dml|console|output)$/,
  sh: /^(?:\w*sh|shell\w*|shell-session|console|terminal|cmd|bat|batch|powershell|pwsh|ps1?|text|txt|plain\w*|none|cli|command\w*|dockerfile|docker|makefile|make|output|yaml|yml)$/,
  python: /^(?:py\w*|ipython|jupyter|text|txt|plain\w*|none|scala|console|output|repl)$/,
};
const same = (language: string, is: string): boolean => ALIKE[is]?.test(language) ?? false;
