import { makeCommand, type Command } from './command.ts';
import { provisionCommand } from './ids.ts';

/** The command that provisions one step of the tutorial and what the step needs. There is one for each step that makes something. */
export const provisionStep = (step: string): Command =>
  makeCommand({
    id: provisionCommand(step),
    title: 'Provision',
    // There are sixteen: "Provision Step…" asks which.
    palette: false,
    recheckAfter: true,
    args: (given) => ({ step, yes: given.flag('yes'), quicksight: given.flag('quicksight') }),
    run: async (services, args) => (await import('./actions/provision.ts')).provision(services, args),
  });
