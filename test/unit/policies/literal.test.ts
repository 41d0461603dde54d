import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { parse } from 'yaml';
import { allow, hasMarks } from '../../../src/policies/document.ts';
import { policyLiteral, toSnippet, withPlaceholders, type LiteralLanguage } from '../../../src/policies/literal.ts';
import { lakeBucketAccess, policies, ramAccess, userPassRole } from '../../../src/policies/policies.ts';
import { permissionsPolicy } from '../../../src/provision/permissions.ts';
import { deriveNames, unknownNames } from '../../../src/resources/names.ts';

const names = deriveNames('data-lake', { accountId: '111122223333', partition: 'aws-cn' }, 'cn-north-1', {});
const literal = (language: LiteralLanguage, place?: 'value' | 'statement' | 'argument'): string => policyLiteral(userPassRole.document(names), userPassRole.name, language, place);

describe('policy literals', () => {
  it('in YAML, HCL, TypeScript and Python are what the formatters of these languages leave alone', () => {
    const arn = 'arn:aws-cn:iam::111122223333:role/LakeFormationWorkflowRole';
    assert.equal(literal('yaml'), ["Version: '2012-10-17'", 'Statement:', '  - Sid: PassRolePermissions', '    Effect: Allow', '    Action: iam:PassRole', `    Resource: ${arn}`].join('\n'));
    assert.equal(literal('hcl', 'argument'), ['{', '  Version = "2012-10-17"', '  Statement = [', '    {', '      Sid      = "PassRolePermissions"', '      Effect   = "Allow"', '      Action   = "iam:PassRole"', `      Resource = "${arn}"`, '    },', '  ]', '}'].join('\n'));
    assert.equal(literal('typescript'), ['{', "  Version: '2012-10-17',", '  Statement: [', '    {', "      Sid: 'PassRolePermissions',", "      Effect: 'Allow',", "      Action: 'iam:PassRole',", `      Resource: '${arn}',`, '    },', '  ],', '}'].join('\n'));
    assert.equal(literal('python'), literal('typescript').replaceAll("'", '"').replace(/(\w+):(?= )/g, '"$1":'));
  });

  it('have a name where a statement must have one', () => {
    assert.match(literal('typescript', 'statement'), /^const userPassRole = \{\n[^]*\n\};$/);
    assert.match(literal('python', 'statement'), /^user_pass_role = \{\n[^]*\n\}$/);
    assert.match(literal('hcl', 'statement'), /^user_pass_role = jsonencode\(\{\n[^]*\n\}\)$/);
    assert.match(policyLiteral(ramAccess.document(names), ramAccess.name, 'python', 'statement'), /^ram_access = /);
    assert.match(literal('hcl', 'value'), /^jsonencode\(\{/);
    assert.equal(literal('json', 'statement'), JSON.stringify(userPassRole.document(names), undefined, 2));
  });

  it('among the statements of another policy are its statements only', () => {
    const both = lakeBucketAccess.document(names);
    const among = (language: LiteralLanguage): string => policyLiteral(both, lakeBucketAccess.name, language, 'list');
    assert.deepEqual(JSON.parse(`[${among('json')}]`), both.Statement);
    assert.deepEqual(parse(among('yaml')), both.Statement);
    assert.deepEqual(JSON.parse(JSON.stringify(runInNewContext(`[${among('typescript')}]`))), both.Statement);
    assert.match(among('hcl'), /^\{\n {2}Effect = "Allow"[^]*\n\},\n\{\n[^]*\n\}$/);
  });

  it('in Terraform are locals, an argument of a resource, or blocks of a policy document', () => {
    const hcl = (place: 'locals' | 'policy' | 'blocks', document: object = userPassRole.document(names)): string => policyLiteral(document, 'UserPassRole', 'hcl', place);
    assert.match(hcl('locals'), /^locals \{\n {2}user_pass_role = jsonencode\(\{\n {4}Version = [^]*\n {2}\}\)\n\}$/);
    assert.match(hcl('policy'), /^policy = jsonencode\(\{\n[^]*\n\}\)$/);
    assert.equal(hcl('blocks'), ['statement {', '  sid       = "PassRolePermissions"', '  effect    = "Allow"', '  actions   = ["iam:PassRole"]', '  resources = ["arn:aws-cn:iam::111122223333:role/LakeFormationWorkflowRole"]', '}'].join('\n'));
    const rich = { Statement: [{ Effect: 'Deny', Principal: { AWS: ['a', 'b'] }, NotAction: ['a:B', 'a:C'], Resource: 'home/${aws:username}', Condition: { StringLike: { 'aws:x': ['y', '%{z}'] } } }, { Effect: 'Allow', Principal: '*' }] };
    assert.equal(hcl('blocks', rich), [
      'statement {', '  effect = "Deny"', '  not_actions = [', '    "a:B",', '    "a:C",', '  ]', '  resources = ["home/&{aws:username}"]', '',
      '  principals {', '    type = "AWS"', '    identifiers = [', '      "a",', '      "b",', '    ]', '  }', '',
      '  condition {', '    test     = "StringLike"', '    variable = "aws:x"', '    values = [', '      "y",', '      "%%{z}",', '    ]', '  }', '}', '',
      'statement {', '  effect = "Allow"', '', '  principals {', '    type        = "*"', '    identifiers = ["*"]', '  }', '}',
    ].join('\n'));
  });

  for (const policy of [...policies, permissionsPolicy()]) {
    it(`of ${policy.name} say what the document says, to the languages' own readers`, () => {
      const document = policy.document(names);
      assert.deepEqual(parse(policyLiteral(document, policy.name, 'yaml')), document);
      assert.deepEqual(JSON.parse(JSON.stringify(runInNewContext(`(${policyLiteral(document, policy.name, 'typescript')})`))), document);
      assert.deepEqual(JSON.parse(policyLiteral(document, policy.name, 'json')), document);
    });
  }

  it('escape what means something to the language', () => {
    const document = allow([{ Action: 's3:GetObject', Resource: ["it's \"${aws:username}\" %{x} \\", 'true', 'a: b', '- x', 'x:', '*', 'Null'] }]);
    assert.deepEqual(parse(policyLiteral(document, 'X', 'yaml')), document);
    assert.deepEqual(JSON.parse(JSON.stringify(runInNewContext(`(${policyLiteral(document, 'X', 'typescript')})`))), document);
    assert.match(policyLiteral(document, 'X', 'hcl'), /it's \\"\$\$\{aws:username\}\\" %%\{x\} \\\\"/);
    assert.match(toSnippet(policyLiteral(document, 'X', 'json')), /\\\$\{aws:username/);
  });

  it('of an account that is not known have a tab stop for each thing to fill in, and the tutorial\'s placeholder in it', () => {
    const unknown = unknownNames('data-lake', 'aws', {});
    const text = policyLiteral(lakeBucketAccess.document(unknown), lakeBucketAccess.name, 'json');
    assert.ok(hasMarks(text));
    assert.equal(withPlaceholders(text), JSON.stringify(lakeBucketAccess.document({ ...names, partition: 'aws', bucket: '<bucket>' }), undefined, 2));
    assert.equal(toSnippet(text).match(/\$\{1:<bucket>\}/g)?.length, 2);
    assert.match(toSnippet(text), /\}\$0$/);
    assert.doesNotMatch(toSnippet(policyLiteral(lakeBucketAccess.document(names), lakeBucketAccess.name, 'json')), /\$\{/);
  });
});
