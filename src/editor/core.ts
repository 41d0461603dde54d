// The core, as one chunk that commands load on first use: `import('./core.ts')`. Nothing loads it at activation.
export { connect } from '../aws/connection.ts';
export { adoptionLead, adoptionLines } from '../provision/adoption.ts';
export { down, withDependants } from '../provision/down.ts';
export { AccountView as AccountView, findKind, isFatal, resourcesOf, unseenBecause } from '../provision/account-view.ts';
export { goldLines, goldSql, readGold } from '../provision/gold.ts';
export { insertRows } from '../provision/insert.ts';
export { baseCost, plan } from '../provision/plan.ts';
export { costPerRun, costsPerRun, failedNodes, isGood, run } from '../provision/run.ts';
export { readSource } from '../provision/source.ts';
export { up } from '../provision/up.ts';
export { verify } from '../provision/verify.ts';
export { connectTarget, loadTutorial, readAsset } from '../shell.ts';
