import type { Step, Tutorial } from '../tutorial/model.ts';

// Whether a text helps somebody who made a mistake. What is looked for is simple enough to be said in a sentence, and shown with each result:
// a line helps when it has AWS's words for the error, in the step that shows the mistake or a passage on trouble anywhere; or when it names the
// thing, in a passage on trouble of that step, of the step that made the thing, or outside of steps.

/** A place in a text that helps. */
export interface Help {
  readonly line: number;
  readonly text: string;
}

export interface Mistake {
  /** The step that shows it, and the one that makes what was broken. */
  readonly steps: readonly Step[];
  /** AWS's words when it is made. */
  readonly says: RegExp;
  /** Names of the thing. */
  readonly words: RegExp;
}

/** What a passage on trouble is headed by: as a heading, a bold line, or a line that ends in a colon. */
const trouble = /\b(?:if (?:it|this|that|something|anything|one) (?:fails|does(?:n['’]t| not) work|goes wrong)|troubleshooting|common (?:errors|problems|mistakes|issues)|known issues|what can go wrong|when it fails|(?:problems|errors)$|si (?:algo |esto )?(?:falla|no funciona)|soluci[oó]n de problemas|problemas (?:comunes|frecuentes)|errores (?:comunes|frecuentes)|si hay problemas|se (?:algo )?(?:falhar|der errado)|solu[cç][aã]o de problemas|en cas d['’](?:erreur|[eé]chec)|d[eé]pannage|fehlerbehebung|wenn es nicht)|문제 해결|トラブル|故障排除|устранение/iu;

/** What things are called where something goes wrong with them, in the languages that tutorials are written in. */
export const vocabulary = {
  placeholder: /<account-id>|placeholder|marcador|account (?:id|number)|(?:id|n[uú]mero) de (?:la )?(?:cuenta|conta)|PassRole/i,
  administrator: /administra(?:tor|dor|teur)/i,
  publicAccess: /public access|acceso p[uú]blico|acesso p[uú]blico|acc[eè]s public|[oö]ffentlich/i,
  zone: /\bgold\b|\bzon[ae]s?\b/i,
  lifecycle: /lifecycle|ciclo de vida|cycle de vie|lebenszyklus/i,
  securityGroup: /security group|grupo de seguran?[çd]|groupe de s[eé]curit|self-ref|sicherheitsgruppe/i,
  stopped: /\bstopped\b|is not running|detenid|parada|arr[eê]t[eé]|apagad|angehalten/i,
  schedule: /disabled|schedule|deshabilitad|desativad|programaci|agendament|\brule\b|\bregla\b/i,
  endpoint: /endpoint|route table|tabla de (?:rutas|enrutamiento)|punto de (?:conexi|enlace)/i,
  privateAddress: /private (?:ip )?address|elastic|direcci[oó]n (?:ip )?privada|el[aá]stic|endere[çc]o privado|adresse priv/i,
  address: /\baddress|\bhost\b|direcci[oó]n|endere[çc]o|adresse|JDBC|\bURL\b/i,
  script: /script/i,
  password: /passwor[dt]|contraseñ|senha|mot de passe|credential|credencia/i,
  grant: /\bgrant|Lake Formation.{0,40}permission|permiso|conced|permiss|droit|berechtig/i,
} as const;

/** Where a text helps with a mistake; undefined where it does not. */
export function helpIn(text: string, tutorial: Tutorial, { steps, says, words }: Mistake): Help | undefined {
  const lines = text.split(/\r\n|\n|\r/);
  const within = (line: number, step: Step): boolean => line >= step.headingRange.start.line && line <= step.range.end.line;
  const stepAt = (line: number): Step | undefined => tutorial.steps.find((step) => within(line, step));
  let inTrouble = false;
  let inFence = false;
  let last: Step | undefined;
  let named: Help | undefined;
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const step = stepAt(line);
    const head = /^(?:#{1,6}\s+(?<heading>.+?)|\s*(?:[-*]\s+)?\*\*(?<bold>[^*]+)\*\*:?)\s*$/.exec(raw)?.groups;
    if (/^\s*(?:`{3,}|~{3,})/.test(raw)) {
      inFence = !inFence;
    }
    if (step !== last && !(inTrouble && step === undefined)) {
      inTrouble = false;
    }
    last = step;
    if (!inFence && head) {
      inTrouble = trouble.test((head['heading'] ?? head['bold'] ?? '').replace(/[*_:.]+$/, '').trim());
      continue;
    }
    const concerned = step === undefined || steps.includes(step);
    if ((inTrouble || (step !== undefined && step === steps[0])) && !inFence && says.test(raw)) {
      return { line, text: raw.trim() };
    }
    if (inTrouble && concerned && words.test(raw)) {
      named ??= { line, text: raw.trim() };
    }
  }
  return named;
}
