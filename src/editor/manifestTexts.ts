import type { TreeId } from './ids.ts';

// What people read in the manifest, the walkthrough and the map of the lake, in English, but for the commands' titles and what comes from
// the tutorial. The other languages are in `l10n/parts/manifest.*.json`. Only the scripts that generate these files read this module.

/** Texts of the manifest, by the keys of `package.nls.json`. */
export const manifestTexts: Readonly<Record<string, string>> = {
  'extension.displayName': 'Lake Tutorial',
  'extension.description': 'Build your first data lake on AWS step by step: provision, verify and tear down from a walkthrough, in a local sandbox or in your own account.',
  // The editor cuts it after three short lines.
  'walkthrough.description': 'Build it, verify it, take it down: in a sandbox or in your own account.',
  'trust.description': 'Until you trust the workspace, the tutorial and its snippets can be read, but nothing is provisioned, verified or started.',
  'virtualWorkspaces.description': 'The walkthrough works; tutorials of your own are read from disk only.',
  'configuration.target': 'Where the steps provision and verify.',
  'configuration.target.sandbox': 'The local AWS that comes with Lake Tutorial: no account, no cost.',
  'configuration.target.aws': 'Your AWS account. What costs money is shown and confirmed first.',
  'configuration.profile': 'Profile of `~/.aws/config` for the target `aws`. Empty: the usual credential chain.',
  'configuration.region': 'AWS region in which everything is provisioned.',
  'configuration.region.pattern': 'Write the name of a region, such as us-east-2.',
  'configuration.endpoint': 'URL of any AWS-compatible endpoint to use in place of AWS. Empty: AWS itself, or the sandbox if that is the target.',
  'configuration.endpoint.pattern': 'Write a URL that begins with http:// or https://, or nothing.',
  'configuration.variables': 'Values for the variables of the tutorial, by name.',
  'configuration.stateFolder': 'Folder in which the sandbox keeps its state. Empty: its own folder in your home.',
  'configuration.python': 'Python (3.10 or later) with which the sandbox makes its environment. Empty: it is looked for.',
  'configuration.tutorial': 'Path of the Markdown file that steps, commands and views work on, from the folder of the workspace. Empty: the built-in tutorial. Not set: the only file of the workspace whose front matter says `lake: 1`, else the built-in tutorial; among more than 5,000 Markdown files none is looked for.',
  'configuration.tutorials': 'Globs of Markdown files to check as lake tutorials, such as `docs/**/*.md`. Files whose front matter says `lake: 1` are checked without it.',
  'configuration.rules': 'Levels of the rules for tutorials, in place of their own.',
  'configuration.rowsAs': 'How the rows of queries and of previews are shown, and gold.',
  'configuration.rowsAs.grid': 'As a grid to sort, filter and copy from; gold as a dashboard.',
  'configuration.rowsAs.text': 'As text in an editor.',
  'configuration.sparkRemote': 'Spark Connect server on which the sandbox runs its jobs, such as sc://host:15002. Empty: its own engine. Takes effect when the sandbox starts; the server must reach the S3 of the sandbox.',
  'view.untrusted': 'In a workspace that you do not trust nothing is asked of AWS.\n[Manage Trust](command:workbench.trust.manage)',
  'view.disconnected': 'You are not connected to an AWS account. The view "Steps" says how to begin, also without one: [go there](command:lakeTutorial.steps.focus).',
  'view.stopped': 'The sandbox, your local AWS, is not running. The view "Steps" says how to begin: [go there](command:lakeTutorial.steps.focus).',
};

/** What the steps' view says before there is an account: the one button to begin with. */
export const startViewTexts: Readonly<Partial<Record<TreeId, Readonly<Record<string, string>>>>> = {
  steps: {
    stopped: 'The steps are provisioned and verified in a local AWS, the sandbox: it needs no account and costs nothing.\n[Start in the Sandbox](command:lakeTutorial.startInSandbox)\nOr [connect](command:lakeTutorial.connect) to an account of your own, or [read](command:lakeTutorial.readStep) first.',
    disconnected: 'You are not connected to an AWS account. The sandbox, a local AWS, needs none and costs nothing.\n[Start in the Sandbox](command:lakeTutorial.startInSandbox)\nOr [connect](command:lakeTutorial.connect) to an account of your own, or [read](command:lakeTutorial.readStep) first.',
  },
};

/** What a tree says when there is nothing to show. */
export const emptyViewTexts: Readonly<Record<TreeId, string>> = {
  steps: 'The active tutorial has no steps: no numbered heading, and none that says what it provisions.\n[Use the Built-in Tutorial](command:lakeTutorial.useBuiltInTutorial)',
  buckets: 'This account has no buckets yet.\n[Create the Bucket](command:lakeTutorial.provisionStep?%5B%7B%22kind%22%3A%22bucket%22%7D%5D)\nThe steps of the tutorial make it: [go to the next one](command:lakeTutorial.goToStep).',
  catalog: 'The catalog has no databases in this region yet.\n[Create the Database](command:lakeTutorial.provisionStep?%5B%7B%22kind%22%3A%22lake-database%22%7D%5D)\nThe steps of the tutorial make it: [go to the next one](command:lakeTutorial.goToStep).',
  workflows: 'There are no workflows in this region yet.\n[Create the Workflow](command:lakeTutorial.provisionStep?%5B%7B%22kind%22%3A%22workflow%22%7D%5D)\nThe steps of the tutorial make it: [go to the next one](command:lakeTutorial.goToStep).',
};

/** What a tree says to those who may not list what it shows; `{0}` is the IAM action that they lack. */
export const deniedViewTexts: Readonly<Record<Exclude<TreeId, 'steps'>, string>> = {
  buckets: 'You are not allowed to list buckets: your identity lacks the permission {0}. Ask for it, or connect as somebody who has it.\n[Connect…](command:lakeTutorial.connect)\n[Try Again](command:lakeTutorial.refreshTree)',
  catalog: 'You are not allowed to list databases: your identity lacks the permission {0}. Ask for it, or connect as somebody who has it.\n[Connect…](command:lakeTutorial.connect)\n[Try Again](command:lakeTutorial.refreshTree)',
  workflows: 'You are not allowed to list workflows: your identity lacks the permission {0}. Ask for it, or connect as somebody who has it.\n[Connect…](command:lakeTutorial.connect)\n[Try Again](command:lakeTutorial.refreshTree)',
};

/** The policies as snippets: `{0}` is the policy's name. */
export const snippetTexts = {
  filled: 'IAM policy {0}',
  unfilled: 'IAM policy {0} – not filled in: the editor knows your account after \'Lake Tutorial: Connect…\'',
  unfilledMark: 'not filled in',
} as const;
