import * as l10n from '@vscode/l10n';

import { replace, type RawFinding, type Rule } from '../rule.ts';

const FLAG = String.raw`--(?:master-user-password|admin-user-password|password|db-password|temporary-password)[ =]+`;
const KEYED = String.raw`(?<![\w-])(?:[\w-]*(?:password|passwd|pwd|passphrase|contrase(?:ñ|n)a|senha|mot de passe|비밀번호|密码|密碼|пароль|mật khẩu)|PGPASSWORD|MYSQL_PWD)(?!\w)["'*_\x60”]{0,3}[^\S\r\n]*(?:[:=：]|=>|(?<said>->|→|[–—-](?=\s)|(?:is|es|est|será|é)(?=\s)))[^\S\r\n]*`;
const SQL = String.raw`\b(?:PASSWORD|IDENTIFIED BY)\s+(?=')`;
const SECRET = new RegExp(String.raw`(?:${FLAG}|${KEYED}|${SQL})["'*_\x60“‘]{0,3}(?<value>[^\s"'\x60“”‘’,;<>|(){}\[\]]{5,64})`, 'giu');
const KEY = /(?<![A-Z\d])(?<key>(?:AKIA|ASIA)[A-Z\d]{16})(?![A-Z\d])|(?:aws_secret_access_key|SecretAccessKey|AWS_SECRET_ACCESS_KEY)["']?\s*[=:]\s*["']?(?<secret>[A-Za-z\d/+]{40})(?![A-Za-z\d/+])/g;
/** What only stands for a password, refers to one, or explains. */
const NO_SECRET = /^\d+-?(?:char|digit|letter|caract|símbol)|^(?:\$|%|@|\{|<|#|\*|\.|-|_|~|\/|\\|x{3,}|X{3,}|•)|password$|passwd$|^(?:your\p{Lu}|your|my|the|mi|tu|su|seu|sua|votre|a|an|el|la|un|una|uma)[-_]|^your|^(?:password|passwd|secret|string|true|false|null|none|required|optional|enter|choose|create|leave|same|generated|random|changeme|change_me|placeholder|contraseña|contrasena|senha|NoEcho|varchar|text|alphanumeric|minimum|input|getpass|os|env|config|secrets?|args|data|props|params?|process|user|username|self|this)\b|arn:|resolve:|secretsmanager|ssm:|example|EXAMPLE|https?:|^[\p{L}]+\.[\p{L}]|[_-](?:password|pass|pwd|secret)$|_here$|\.\.\.|\($/iu;

/** A password that everyone who reads the text then has. */
export const secretClearText: Rule = {
  id: 'secret-clear-text',
  level: 'warning',
  title: () => l10n.t('A secret in clear text'),
  check: (document) =>
    document.each('secret', ({ text }) => {
      const found: RawFinding[] = [];
      if (/passw|pwd|passphrase|contrase|senha|mot de passe|비밀번호|密码|密碼|парол|mật khẩu|identified by/i.test(text)) {
        for (const match of text.matchAll(SECRET)) {
          const value = (match.groups?.['value'] ?? '').replace(/[*_.:]+$/, '');
          const start = match.index + match[0].length - (match.groups?.['value'] ?? '').length;
          // Something that is one: letters with digits or signs; or any word where a program takes it for one.
          // Where words stand between, only what looks like one counts.
          const isWhole = /["'\x60]$/.test(text.slice(match.index, start)) && /^["'\x60]/.test(text.slice(start + (match.groups?.['value'] ?? '').length));
          const isCall = match.groups?.['said'] === undefined && (/^(?:--|PASSWORD\s|IDENTIFIED\s)/.test(match[0]) || isWhole);
          const isStrong = /[A-Za-z]/.test(value) && /[\d@!#$%^&*]/.test(value) && !/[\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7A3]/.test(value);
          if (value.length < 5 || NO_SECRET.test(value) || !(isStrong || (isCall && /^[\w!@#$%^&*-]+$/.test(value))) || /^[A-Z_]+$/.test(value)) continue;
          found.push({ start, end: start + value.length, message: l10n.t('A password that stands in a text is everybody\'s. Have the reader choose one, or keep it in Secrets Manager or Parameter Store: {0}', `${value.slice(0, 2)}…`) });
        }
      }
      for (const match of /A[KS]IA|[sS]ecret/.test(text) ? text.matchAll(KEY) : []) {
        const value = match.groups?.['key'] ?? match.groups?.['secret'] ?? '';
        const start = match.index + match[0].length - value.length;
        if (/EXAMPLE|X{6,}|0{6,}|1234567890|ABCDEFGH/.test(value)) continue;
        found.push({ start, end: start + value.length, message: l10n.t('This looks like an access key that works. Deactivate it at once, and take it out of the text: {0}', `${value.slice(0, 4)}…`) });
      }
      return found;
    }).map((finding) => ({ ...finding, fix: replace(l10n.t('Write {0}', '<password>'), finding.start, finding.end, document.text.slice(finding.start - 60, finding.start).match(/[`"'=]\s*$/) || document.fenceAt(finding.start) !== undefined ? '<password>' : '`<password>`') })),
};
