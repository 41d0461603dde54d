/** Texts for a rule: in `bad` what is between « and » is found, and nothing else; in `good` and `trap` nothing is. */
export interface Cases {
  readonly bad: readonly string[];
  /** What fixing all of the rule makes of the bad texts, where it can; marks left out. */
  readonly fixed?: readonly string[];
  readonly good: readonly string[];
  /** Good text where a simpler rule would fire. */
  readonly trap: readonly string[];
}

const json = (text: string, tag = 'json'): string => `# T\n\n\`\`\`${tag}\n${text}\n\`\`\`\n`;
const policy = (statement: string, head = '"Version": "2012-10-17", '): string => json(`{ ${head}"Statement": [{ "Effect": "Allow", ${statement} }] }`);
const lake = (rest: string): string => `# A lake\n\n## 1. Create a bucket\n\nCreate an S3 bucket.\n\n## 2. Create a crawler\n\nCreate a Glue crawler and launch it. ${rest}\n`;

export const cases: Readonly<Record<string, Cases>> = {
  'account-length': {
    bad: [policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::«123456789»:role/R"'), 'The account id is «1234567890123».'],
    fixed: [policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::<account-id>:role/R"')],
    good: [policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::<account-id>:role/R"')],
    trap: ['Your account number is 1234-5678-9012.', 'Call the account team on 5551234.', 'arn:aws:iam::aws:policy/ReadOnlyAccess', 'Account since 20211130.'],
  },
  'account-literal': {
    bad: [policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::«877617909831»:role/R"'), 'The account id is «877617909831».', 'Note your account ID. Example: `«877617909831»`, with the bucket `lake-«877617909831»`.', policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::«123456789012»:role/R"')],
    fixed: [policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::<account-id>:role/R"'), 'The account id is `<account-id>`.', 'Note your account ID. Example: `<account-id>`, with the bucket `lake-<account-id>`.'],
    good: [policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::<account-id>:role/R"')],
    trap: [
      'The file `lake-202111300815` and the part `877617909831`.', '"Sid": "Stmt877617909831"', 'id 123e4567-e89b-12d3-a456-426614174000', 'Data of 202111300815.', 'An image of AWS: `763104351884.dkr.ecr.us-east-1.amazonaws.com/x`', 'Call +52 877617909831.', 'For example, account number 1234-5678-9012.',
      'Expected output:\n\n```json\n{ "Account": "877617909831", "UserId": "AIDAX", "Arn": "arn:aws:iam::877617909831:user/x" }\n```\n',
    ],
  },
  'dead-target': {
    bad: ['![x](«missing.png»)', '[x](«missing.md#a»)', '# A\n\n[b](«#nowhere»)', '<img src="«missing.png»">'],
    good: ['![x](there.png)', '# A b\n\n[b](#a-b)'],
    trap: ['![x](/images/x.png)', '[x](https://example.com/missing.png)', '`[x](missing.md)`', '## 🚀 Crear Índice\n\n[x](#-crear-índice)', '[x](mailto:a@b.c)', '<a name="here"></a>\n\n[x](#here)', '![x]({{ site.url }}/x.png)', '# A\n\n# A\n\n[x](#a-1)'],
  },
  encoding: {
    bad: ['«Donâ€™t» stop', 'La «funciÃ³n»', 'Una «funci├│n» y otra «regi├│n»', '# T\n\n«Los datos est치n ah칤.»\n\n«La funci칩n de la regi칩n.»\n'].map((text) => text.replace(/«[^»]*»/g, (marked) => marked)),
    good: ['La función está ahí.', 'Don’t stop'],
    trap: ['데이터 레이크를 만듭니다.', 'Glue로 S3를 읽습니다.', '¿Qué? ¡Sí! «Eso»', 'Données à 20 °C – 5 €', '创建 S3 存储桶', 'Создайте «озеро» данных', '🚀 Старт ⚠️', 'São Paulo ÃO'],
  },
  'fence-language': {
    bad: [json('{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] }', '«bash»'), json('SELECT * FROM t', '«python»'), json('aws s3 ls', '«sql»')],
    fixed: [json('{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] }', 'json'), json('SELECT * FROM t', 'sql'), json('aws s3 ls', 'sh')],
    good: [json('SELECT * FROM t', 'sql'), json('aws s3 ls', 'sh'), json('aws s3 ls', '')],
    trap: [json('bucket/\n └── raw/', 'json'), json('spark.sql("SELECT * FROM t")', 'python'), json('$ aws s3 ls', 'console'), json('cat > p.json <<EOF\n{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] }\nEOF', 'bash'), json('select a from b', 'hql')],
  },
  'fence-unclosed': { bad: ['# T\n\n«```sh»\nls\n'], good: ['```sh\nls\n```\n'], trap: ['````md\n```sh\nls\n```\n````\n'] },
  'jdbc-public-address': {
    bad: ['`jdbc:postgresql://«54.12.13.14»:5432/x`', '`jdbc:mysql://«ec2-54-1-2-3.us-east-2.compute.amazonaws.com»/x`', '`jdbc:postgresql://«<elastic-ip>»:5432/x`'],
    good: ['`jdbc:postgresql://172.31.4.5:5432/x`', '`jdbc:postgresql://<private-ip>:5432/x`'],
    trap: ['`jdbc:postgresql://db.abc.us-east-1.rds.amazonaws.com:5432/x`', '`jdbc:postgresql://localhost/x`', 'Not 54.12.13.14, the elastic one.'],
  },
  'managed-policy': {
    bad: ['Attach `«AWSLambdaFullAccess»`.', 'Adjunta la política «AWSGlueFullAccess».', 'Attach `«AmazonAthenaFullAcess»`.', 'Attach **«AdminstratorAccess»**', '`arn:aws:iam::aws:policy/«AWSGlueServiceRole»`'],
    fixed: ['Attach `AWSLambda_FullAccess`.', 'Adjunta la política AWSGlueConsoleFullAccess.', 'Attach `AmazonAthenaFullAccess`.', 'Attach **AdministratorAccess**', '`arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole`'],
    good: ['Attach `AWSGlueConsoleFullAccess` and `AmazonS3FullAccess`.', '`arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole`'],
    trap: ['The role `AWSGlueServiceRole-DataLake` and `AWSGlueServiceRoleDefault`.', '`MyLambdaFullAccess`', 'AmazonSageMakerCanvasFullAccess', '`arn:aws:iam::<account-id>:policy/AWSLambdaFullAccessOfMine`', 'Amazon S3 access'],
  },
  markup: {
    bad: ['## A\n<!-- lake:step id=a «provision=b» -->', '---\nlake: 1\nvars: «[a]»\n---\n# T\n', '## A\n<!-- lake:step id=x -->\n## B\n<!-- lake:step id=«x» -->', '## A\n<!-- lake:step id=a provisions=«bukcet» -->', '«<!-- lake:stpe id=a -->»'],
    good: ['## A\n<!-- lake:step id=a provisions=bucket -->'],
    trap: ['---\nlayout: post\ntags: {{ x }}\n---\n# T\n', '```md\n<!-- lake:stpe -->\n```', '<!-- a comment -->'],
  },
  'name-drift': {
    bad: ['Folders `bronze`, `silver` and `gold`.\n\nThe zones: bronze, silver and «golden».', 'The role `LakeFormationWorkflowRole`.\n\nThe role `LakeFormationWorkflowRole` and `«LakeFormationWorkFlowRole»`.', '`s3://my-lake-bucket/raw` `s3://my-lake-bucket/x` `s3://«my-lakebucket»/raw`'],
    fixed: ['Folders `bronze`, `silver` and `gold`.\n\nThe zones: bronze, silver and gold.'],
    good: ['Folders `bronze`, `silver` and `gold`.'],
    trap: ['`bronze`, `silver`, `gold`: the golden record of a customer.', '`bucket_name` and `bucket-name` and `BUCKET_NAME`', '`raw-data` and `raw-data-2`', 'The prefix `lake` and `lake-raw`.', '`customers` and `customer`', '`s3://part-1-10/` and `s3://part-11-0/`'],
  },
  'no-clean-up': {
    bad: [`«# A lake»${lake('').slice(8)}`, `«# A lake»${lake('```sql\nDROP TABLE IF EXISTS t\n```').slice(8)}`],
    good: [lake('At the end, delete the bucket.'), `${lake('')}\n## Clean up\n\nRun it.\n`],
    trap: [lake('See [cleanup](cleanup.md).'), lake('No te olvides: eliminar los recursos.'), lake('Finalmente, xóa bucket.'), '# S3\n\nS3 stores objects.\n', `---\nweight: 3\n---\n${lake('')}`, lake('').replace('# A lake', '# Module 2: A lake'), lake('').replace('# A lake', '# Módulo 04b — A lake'), lake('리소스 정리 필요')],
  },
  'no-cost': {
    bad: [`«# A lake»${lake('').slice(8)}`, lake('').replace('# A lake', '---\n\n«## A lake»')],
    good: [lake('The crawler costs $0.44 an hour.')],
    trap: [lake('Esto tiene un costo.'), lake('It is in the free tier.'), lake('비용이 발생합니다.'), '# S3\n\nS3 stores objects.\n'],
  },
  'pass-role-name': {
    bad: [`Create the role \`LakeWorkflowRole\`.\n\n${policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::<account-id>:role/«LakeWorkflowRol»"')}`],
    fixed: [`Create the role \`LakeWorkflowRole\`.\n\n${policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::<account-id>:role/LakeWorkflowRole"')}`],
    good: [`Create the role \`LakeWorkflowRole\`.\n\n${policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::<account-id>:role/LakeWorkflowRole"')}`],
    trap: [`Create the role \`LakeWorkflowRole\`.\n\n${policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::<account-id>:role/SomeOtherRole"')}`, `Create the role \`GlueRole1\`.\n\n${policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::<account-id>:role/GlueRole2"')}`],
  },
  'placeholder-bare': {
    bad: ['Replace «<account-id>» by yours.', 'Go to s3://«<bucket>»/raw.', 'Add «<login user>» there.'],
    fixed: ['Replace `<account-id>` by yours.', 'Go to `s3://<bucket>/raw`.', 'Add `<login user>` there.'],
    good: ['Replace `<account-id>` by yours.'],
    trap: ['Replace <account_id> by yours.', 'Replace \\<account-id\\>.', 'A <b>bold</b> <br> word <img src="x">.', '<Tabs> and <custom-tag>x</custom-tag>', '<https://example.com>', '```\n<account-id>\n```', '<details><summary>x</summary></details>', 'a < b and c > d'],
  },
  'placeholder-drift': {
    bad: ['`<account-id>` and `<account-id>` and `«<account_id>»`', '`s3://<bucket-name>/a`, `s3://<bucket-name>/b`, `s3://«YOUR_BUCKET_NAME»/c`', '`<region>` `<region>` `«<REGION>»`'],
    fixed: ['`<account-id>` and `<account-id>` and `<account-id>`', '`s3://<bucket-name>/a`, `s3://<bucket-name>/b`, `s3://<bucket-name>/c`', '`<region>` `<region>` `<region>`'],
    good: ['`<account-id>` and `<account-id>`'],
    trap: [
      '`<producer-account-id>` and `<consumer-account-id>`', '`<account-A-id>` and `<account-B-id>`', '`<bucket-1>` and `<bucket-2>`', '`<source-bucket>` and `<TARGET_BUCKET>`', '```sh\necho ${ACCOUNT_ID} %ACCOUNT_ID% $ACCOUNT_ID\n```\n\n`<account-id>`',
      '`array<string>` and `<string>`', '`SELECT * FROM t WHERE a <> b`', 'A <b>account-id</b> and `<account-id>`.', '`%s` and `$(aws sts get-caller-identity)`', '`[Create bucket]` and `<bucket>`',
    ],
  },
  'placeholder-malformed': {
    bad: [policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::«<>account-id»:role/R"'), '`«$(ACCOUNT_ID}»`', '`«${ACCOUNT_ID)»`', '`arn:aws:iam::«<account-id»:role/R`'],
    fixed: [policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::<account-id>:role/R"'), '`${ACCOUNT_ID}`', '`${ACCOUNT_ID}`', '`arn:aws:iam::<account-id>:role/R`'],
    good: ['`arn:aws:iam::<account-id>:role/R`', '`${ACCOUNT_ID}`'],
    trap: ['`WHERE a <> b`', '`<></>`', '`$(aws sts get-caller-identity)`', '```mermaid\ngraph TD; A-->B; B<-->C\n```', '`\\<account-id\\>`', '`${hiveconf:x}`', '`if (a <b && c> d)`', '`$((X+1))`'],
  },
  'policy-action': {
    bad: [policy('"Action": "«s3:GetObjects»", "Resource": "*"'), policy('"Action": ["«s3:ListObjects»", "s3:GetObject"], "Resource": "*"'), policy('"Action": "«GetObject»", "Resource": "*"'), policy('"Action": "«glue:Fetch*»", "Resource": "*"')],
    fixed: [policy('"Action": "s3:GetObject", "Resource": "*"'), policy('"Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*"')],
    good: [policy('"Action": ["s3:GetObject", "glue:Get*", "lakeformation:GetDataAccess", "*"], "Resource": "*"')],
    trap: [policy('"Action": ["S3:getobject", "GLUE:GetTable"], "Resource": "*"'), policy('"Action": "ec2:DescribeAnything", "Resource": "*"'), policy('"Action": "<service>:<action>", "Resource": "*"'), json('{ "Action": "s3:GetObjects" }')],
  },
  'policy-action-resource': {
    bad: [policy('"Action": ["«s3:GetObject»", "s3:ListBucket"], "Resource": "arn:aws:s3:::b"'), policy('"Action": "«s3:ListBucket»", "Resource": "arn:aws:s3:::b/*"'), policy('"Action": "«iam:PassRole»", "Resource": "arn:aws:iam::<account-id>:user/u"')],
    fixed: [policy('"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]')],
    good: [policy('"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]')],
    trap: [
      policy('"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "arn:aws:s3:::b*"'), policy('"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"'), policy('"Action": "s3:*", "Resource": "arn:aws:s3:::b"'),
      policy('"Action": "s3:GetObject", "Resource": "arn:aws:s3:us-east-1:<account-id>:accesspoint/p/object/*"'), policy('"Action": "glue:GetTable", "Resource": "arn:aws:glue:us-east-1:<account-id>:*"'), policy('"Action": "s3:GetObject", "Resource": "<bucket-arn>"'), policy('"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::<bucket>"'),
    ],
  },
  'policy-arn': {
    bad: [policy('"Action": "s3:ListBucket", "Resource": "«arn:aws:s3:us-east-1:123456789012:b»"'), policy('"Action": "iam:PassRole", "Resource": "«arn:aws:iam:::role/R»"'), policy('"Action": "iam:PassRole", "Resource": "«arn:aws:iam::role/R»"'), policy('"Action": "s3:ListBucket", "Resource": "«my.bucket/*x»"'), policy('"Action": "s3:ListBucket", "Resource": "«arn:aws:s3::b»"')],
    fixed: [policy('"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"'), policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::<account-id>:role/R"')],
    good: [policy('"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"'), policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::<account-id>:role/R"')],
    trap: [
      policy('"Action": "s3:GetObject", "Resource": "arn:aws:s3:us-east-1:<account-id>:accesspoint/p/object/*"'), policy('"Action": "s3:GetObject", "Resource": "arn:aws:s3:::[S3 Bucket Name]/*"'), policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::your account id:role/R"'), policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::${AWS::AccountId}:role/R"'), policy('"Action": "logs:PutLogEvents", "Resource": "arn:aws:logs:*:*:/aws-glue/*"'),
      policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::aws:policy/X"'), policy('"Action": "s3:GetObject", "Resource": "arn:${ARN_PARTITION}:s3:::b/*"'), policy('"Action": "s3:GetObject", "Resource": "<bucket-arn>/*"'), policy('"Action": "iam:PassRole", "Resource": "arn:aws:iam::<>account-id:role/R"'),
    ],
  },
  'policy-condition-key': {
    bad: [policy('"Action": "s3:GetObject", "Resource": "*", "Condition": { "«StringEqual»": { "aws:SourceIp": "1" } }'), policy('"Action": "s3:GetObject", "Resource": "*", "Condition": { "StringEquals": { "«s3:prefixes»": "a" } }')],
    fixed: [policy('"Action": "s3:GetObject", "Resource": "*", "Condition": { "StringEquals": { "aws:SourceIp": "1" } }')],
    good: [policy('"Action": "s3:GetObject", "Resource": "*", "Condition": { "StringLike": { "s3:prefix": "a", "aws:PrincipalTag/x": "b" } }')],
    trap: [policy('"Action": "sts:AssumeRoleWithSAML", "Resource": "*", "Condition": { "StringEquals": { "SAML:aud": "x", "saml:sub": "y" } }'), policy('"Action": "s3:GetObject", "Resource": "*", "Condition": { "ForAnyValue:StringLikeIfExists": { "AWS:sourceip": "1" }, "Bool": { "aws:SecureTransport": true } }')],
  },
  'policy-dependent-action': {
    bad: [policy('"Action": ["glue:GetCrawler", "«glue:CreateCrawler»"], "Resource": "*"')],
    good: [policy('"Action": ["glue:CreateCrawler", "iam:PassRole"], "Resource": "*"')],
    trap: [policy('"Action": "glue:*", "Resource": "*"'), `${policy('"Action": "glue:CreateJob", "Resource": "*"')}\nAnd allow iam:PassRole.\n`, policy('"Action": "glue:GetCrawler", "Resource": "*"')],
  },
  'policy-json': {
    bad: [
      json('{\n  "Version": "2012-10-17",\n  "Statement": [{\n    "Effect": "Allow", «// all»\n    "Action": "s3:*",\n    "Resource": "*"\n  }]\n}'), json('{ "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*"«,» }] }'), json('«{» "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]'),
      json('{ "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] }\n«Save it as policy.json»'),
    ],
    fixed: [
      json('{\n  "Version": "2012-10-17",\n  "Statement": [{\n    "Effect": "Allow",\n    "Action": "s3:*",\n    "Resource": "*"\n  }]\n}'), json('{ "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] }'), json('{ "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]\n}'),
      '# T\n\n```json\n{ "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] }\n```\n\nSave it as policy.json\n',
    ],
    good: [policy('"Action": "s3:*", "Resource": "*"')],
    trap: [
      json('{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" },\n{ "Effect": "Allow", "Action": "glue:*", "Resource": "*" }', ''), json('"Effect": "Allow",\n"Action": "s3:*",\n"Resource": "*"', ''), json('{ "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": <arn> }] }'),
      json('cat > p.json <<EOF\n{ "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] }\nEOF', 'sh'), json('{ "Resources": { "R": { "Type": "AWS::IAM::Role", "Properties": { "Effect": "Allow", } } } }'), json('### A heading\n\n{ "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] }'), json('bucket/\n └── raw/'), json('{ "Statement": [\n  ...\n  { "Effect": "Allow", "Action": "s3:*", "Resource": "*" }, ...\n] }'),
      json('$ aws iam get-policy\n{ "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] }', 'sh'), json('{ "Version": "2008-10-17", "Statement": { "Sid": "with spaces in it", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*" } }'),
    ],
  },
  'policy-missing-part': {
    bad: [json('{ "Version": "«2012-10-18»", "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] }'), json('{ "Version": "2012-10-17", "Statement": [«{» "Effect": "Allow", "Action": "s3:*" }] }'), json('{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }, «{» "Action": "s3:*", "Resource": "*" }] }')],
    fixed: [policy('"Action": "s3:*", "Resource": "*"').replace('{ "Effect": "Allow", "Action"', '{ "Effect": "Allow", "Action"')],
    good: [policy('"Action": "s3:*", "Resource": "*"')],
    trap: [json('{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "Service": "glue.amazonaws.com" }, "Action": "sts:AssumeRole" }] }'), json('{ "Effect": "Allow", "Action": "s3:*" }'), json('{ "Version": "2008-10-17", "Statement": [{ "Effect": "Allow", "NotAction": "s3:*", "NotResource": "*" }] }')],
  },
  'policy-principal': {
    bad: [json('{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "Service": "«glue.amazonaws»" }, "Action": "sts:AssumeRole" }] }'), json('{ "Statement": [{ "Effect": "Allow", "Principal": { "Service": "«lakeformation.amazon.com»" }, "Action": "sts:AssumeRole" }] }')],
    fixed: [json('{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "Service": "glue.amazonaws.com" }, "Action": "sts:AssumeRole" }] }')],
    good: [json('{ "Statement": [{ "Effect": "Allow", "Principal": { "Service": ["glue.amazonaws.com", "lambda.amazonaws.com"] }, "Action": "sts:AssumeRole" }] }')],
    trap: [json('{ "Statement": [{ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com.cn" }, "Action": "sts:AssumeRole" }] }'), json('{ "Statement": [{ "Effect": "Allow", "Principal": { "Service": "something-new.amazonaws.com", "AWS": "*" }, "Action": "sts:AssumeRole" }] }'), json('{ "Statement": [{ "Effect": "Allow", "Principal": { "Service": "<service>" }, "Action": "sts:AssumeRole" }] }')],
  },
  'policy-wildcard': { bad: [policy('"Action": "«*»", "Resource": "*"')], good: [policy('"Action": "s3:*", "Resource": "arn:aws:s3:::b"')], trap: [policy('"Action": "lakeformation:GetDataAccess", "Resource": "*"'), policy('"Action": "*", "Resource": "*"').replace('Allow', 'Deny')] },
  'region-drift': {
    bad: ['Work in the region `us-east-2` throughout.\n\n```sh\naws s3 mb s3://x --region «us-west-2»\n```\n'],
    fixed: ['Work in the region `us-east-2` throughout.\n\n```sh\naws s3 mb s3://x --region us-east-2\n```\n'],
    good: ['Work in the region `us-east-2`.\n\n```sh\naws s3 mb s3://x --region us-east-2\n```\n'],
    trap: [
      'Work in the region `us-east-2`.\n\nCopy it to another region:\n\n```sh\naws s3 mb s3://x --region us-west-2\n```\n', 'Work in the region `us-east-2`.\n\n| a | us-west-2 |\n', 'Work in the region `us-east-2`.\n\n```sh\naws s3 cp s3://aws-data-us-west-2/x . \n```\n',
      'Work in the region `us-east-2`.\n\nhttps://s3.console.aws.amazon.com/s3/buckets/x/?region=us-west-2', 'Work in the region `us-east-2`. A certificate:\n\n```sh\naws acm request-certificate --region us-east-1\n```\n',
    ],
  },
  schedule: {
    bad: ['`«cron(0/59 * * * ? *)»`', '`«cron(5 * * * *)»`', '`«cron(0 12 * * * *)»`', '`«rate(1 minutes)»`', 'A _cron_ that runs it «every 59 minutes».', '`«rate(5 minute)»`'],
    good: ['`cron(0/15 * * * ? *)`', '`rate(5 minutes)`', '`rate(1 hour)`', '`cron(0 12 ? * MON-FRI *)`'],
    trap: ['`cron(minutes hours day month weekday year)`', '`cron(<minute> * * * ? *)`', 'Every 59 minutes a bus leaves.', '`rate(value unit)`', 'A cron that runs every 15 minutes.', '`crontab -e` with `*/59 * * * *`'],
  },
  'secret-clear-text': {
    bad: ['--master-user-password «Secret99» \\', '"password": "«hunter»"', 'Password: `«Admin123!»`', '`PGPASSWORD=«s3cret99»`', 'The user with password: «master123».', 'Enter the password – “«master123»” and go on.', 'password -> «Lake@1234»', 'La contraseña es «Lago2024!»', `aws_secret_access_key = «${'aB3/'.repeat(10)}»`],
    good: ['Password: `<password>`', '--master-user-password "$PASSWORD"'],
    trap: ['Password: choose one', 'Console password: `Custom password`', 'The password is required.', '- 输入**主用户密码**\n- 在选择密码之前，请检查**规则1**\n', '- Enter the password\n- Step2 follows\n', 'A password – 8-character or longer – is needed.', 'The password is “secret”.', 'password = os.environ["DB_PASSWORD"]', 'AKIAIOSFODNN7EXAMPLE', '"password": "{{resolve:secretsmanager:x}}"', '**Master password**: enter a strong one', 'password: ********', 'Password: Your-Password1', 'MasterUserPassword: !Ref DbPassword'],
  },
  'step-count': {
    bad: ['# T\n\nThis tutorial has «five steps».\n\n## 1. A\n\n## 2. B\n\n## 3. C\n'],
    good: ['# T\n\nThis tutorial has three steps.\n\n## 1. A\n\n## 2. B\n\n## 3. C\n'],
    trap: ['# T\n\nThis tutorial has 4 steps.\n\n## 1. A\n\n## 2. B\n\n## 3. C\n', '# T\n\nTake five steps back.\n\n## 1. A\n\n## 2. B\n', '# T\n\n## 1. A\n\nThe guide has nine steps.\n\n## 2. B\n'],
  },
  'step-empty': {
    bad: ['---\nlake: 1\n---\n«## 1. A»\n<!-- lake:step id=a -->\n\n## 2. B\n<!-- lake:step id=b provisions=bucket -->\n'],
    good: ['---\nlake: 1\n---\n## 1. A\n<!-- lake:step id=a provisions=bucket -->\n'],
    trap: ['## 1. Why\n\nIt explains.\n\n## 2. B\n', '---\nlake: 1\n---\n## 1. A\n<!-- lake:step id=a -->\n\n```sh lake:verify\naws s3 ls\n```\n'],
  },
  'step-numbers': {
    bad: ['## 1. A\n\n## 2. B\n\n«## 2. C»\n', '## 1. A\n\n## 2. B\n\n«## 4. D»\n', '## 1. X\n\n### 1.1 A\n\n«### 1.3 B»\n'],
    good: ['## 1. A\n\n## 2. B\n'],
    trap: ['1. A\n1. B\n1. C\n', '## A\n\n### 1. X\n\n### 2. Y\n\n## B\n\n### 1. X\n', '## 1. A\n\n# 2. B\n\n## 3. C\n', '## A\n\n### 1. X\n\n### 2. Y\n\n## B\n\n### 3. Z\n', '1. a\n3. b\n5. c\n', '## Tâche 1 : A\n\n## Tâche 1 : A (suite)\n\n## Tâche 2 : B\n', '### Шаг 3. A\n\n### Шаг 4 и 5. B\n\n### Шаг 6. C\n', '## 1. A\n\n## 2. Overview\n\n## 3. B\n', '## Clean\n\n### Step 1: A\n\nx\n\n## Clean\n\n### Step 1: A\n\nx\n\n### Step 2: B\n'],
  },
  'value-before-step': {
    bad: ['## 1. A\n\nReplace `<account-id>` by the number that you got in «step 2».\n\n## 2. B\n\nCopy the id.\n'],
    good: ['## 1. A\n\nCopy the id.\n\n## 2. B\n\nReplace `<account-id>` by the number that you got in step 1.\n'],
    trap: ['## 1. A\n\nIn step 2 you will use it.\n\n## 2. B\n\nx\n', '## 1. A\n\nReplace `<account-id>` by the number above.\n\n## 2. B\n\nx\n'],
  },
};
