import { remembering } from './markdown.ts';
import type { StepRole } from './model.ts';

/** What the text of a heading (or of a bold line) says about a step. */
export interface ReadTitle {
  /** The number as written, without punctuation. */
  readonly number?: string;
  /** True when a word such as "Step" stands before the number; "part" when the word names a group of steps. */
  readonly word?: 'step' | 'part';
  /** True for a bare `3 Title` and for `A. Title`, which may be a number or the start of a phrase ("3 ways to …"). */
  readonly weak?: boolean;
  /** True when the title says so: "(optional)". */
  readonly optional?: boolean;
  readonly title: string;
}

/** Words before a number, without accents. They come from public tutorials in these languages. */
const STEP_WORDS =
  'steps?|task|paso|tarea|passo|tarefa|etape|tache|schritt|aufgabe|buoc|nhiem vu|шаг|этап|задание|задача|단계|스텝|태스크|작업|ステップ|手順|步骤|步驟|任务|任務';
const PART_WORDS =
  'parte|part|module|modulo|modul|lab|laboratorio|laboratoire|exercise|stage|phase|fase|section|chapter|lesson|ejercicio|etapa|seccion|capitulo|leccion|' +
  'exercicio|secao|licao|partie|exercice|chapitre|teil|ubung|kapitel|atelier|phan|bai|chuong|часть|раздел|глава|модуль|упражнение|урок|' +
  '모듈|파트|실습|챕터|섹션|实验|實驗|练习|練習|模块|模塊|阶段|階段|章节|部分|パート|演習';
/** Words that follow a number: 1단계, 1-й шаг, 第一步, 2a parte. */
const AFTER = '단계|번째 단계|장(?=[\\s.:]|$)|부(?=[\\s.:]|$)|(?:-?[йя])?\\s?(?:шаг|этап|часть)|步(?!骤|驟)|章|部分|节|節|课|課|阶段|階段';
const CJK_DIGITS = '一二三四五六七八九十';

const NUMBERED = new RegExp(
  String.raw`^(?:(?<step>${STEP_WORDS})|(?<part>${PART_WORDS}))?\s*(?:[#№]|n[.ºo°]+)?\s*(?<bracket>[([])?` +
    String.raw`(?<number>\d{1,3}(?:[.-]\d{1,3})*[a-z]?|[IVX]{1,5}(?![a-z])|[A-H](?![a-z])|[${CJK_DIGITS}]{1,3}(?=\s*(?:[、.:：，,]|\s|$)))` +
    String.raw`(?<total>\s*(?:of|de|von|sur|/)\s*\d{1,3})?[)\]]?\s*` +
    String.raw`(?<mark>[.):：\]、．|]+(?!\d)|[-–—]+(?=\s)|(?=\s)|$)\s*`,
  'iu',
);
/** 1단계: …, 第一步 …, 제1장 …: the word follows. */
const NUMBERED_AFTER = new RegExp(String.raw`^[第제]?\s?(?<number>\d{1,3}(?:\.\d{1,3})*|[${CJK_DIGITS}]{1,3})\s?(?<word>${AFTER})(?<mark>[\s.):：、．,，\-–—|]*)(?<rest>[^]*)$`, 'iu');

/** Emoji with their joiners, skin tones and selectors; not the plain signs such as © that a text may mean as text. */
const EMOJI = /(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)(?:\p{Emoji_Modifier}|\uFE0F|\u200D\p{Extended_Pictographic})*/gu;
/** "(Preparation) 4-1. Create a key": what stands in brackets before a number. */
const LEADING_REMARK = /^[(（[【][^\d)）\]】][^)）\]】]{0,24}[)）\]】]\s*(?=\d{1,3}(?:[.-]\d{1,3})*[.):])/u;
const LEADING_SIGNS = /^(?:[\p{So}\uFE0F\s]|:[a-z][a-z0-9_+-]*:)+/u;

/** "(Opcional)" says something of a step and is none of its title. */
const OPTIONAL_WORDS = 'optional|opcional|optionnel(?:le)?|facultati(?:f|ve)|선택(?:\\s?사항)?|可选|可選|任意|необязательно|опционально|tùy chọn|tuỳ chọn';
const OPTIONAL = new RegExp(String.raw`\s*[([（【]\s*(?:${OPTIONAL_WORDS})(?:[\s,:–—-][^)\]）】]{0,30})?\s*[)\]）】]\s*|^(?:${OPTIONAL_WORDS})\s*[:：–—-]\s*|\s+[–—-]\s*(?:${OPTIONAL_WORDS})$`, 'iu');

function cjkNumber(text: string): string {
  const [tens, units] = text.includes('十') ? text.split('十') : [undefined, text];
  const digit = (character: string | undefined): number => CJK_DIGITS.indexOf(character ?? '') + 1;
  if (tens === undefined) return String(digit(units));
  return String((tens === '' ? 1 : digit(tens)) * 10 + (units ? digit(units) : 0));
}

export const readTitle = remembering((text: string): ReadTitle => {
  const bare = text
    .replace(/(?:\d\uFE0F?\u20E3)+/gu, (keycaps) => `${keycaps.replace(/[^\d]/gu, '')}.`)
    .replace('\u{1F51F}', '10.')
    .replace(EMOJI, ' ')
    .replace(/\s*\{#[\w-]+\}\s*$/, '')
    .replace(/\s+/g, ' ')
    .replace(LEADING_SIGNS, '')
    .replace(LEADING_REMARK, '')
    .trim();
  const isOptional = OPTIONAL.test(bare);
  const plain = (isOptional ? bare.replace(OPTIONAL, ' ').replace(/\s+/g, ' ').trim() : bare).normalize('NFC') || bare;
  return { ...readNumber(plain), ...(isOptional && { optional: true }) };
});

function readNumber(plain: string): ReadTitle {
  // Accents are dropped one for one, so that offsets stay those of `plain`.
  const folded = plain.replace(/[\u00C0-\u024F\u1E00-\u1EFF]/g, (letter) => letter.normalize('NFD').charAt(0));
  const after = NUMBERED_AFTER.exec(folded)?.groups;
  if (after?.['number'] !== undefined) {
    const at = plain.length - (after['rest'] ?? '').length;
    const number = /\d/.test(after['number']) ? after['number'] : cjkNumber(after['number']);
    return { number, word: /^(?:단계|번째|.*шаг|.*этап|步)/u.test(after['word'] ?? '') ? 'step' : 'part', title: plain.slice(at).trim() || plain };
  }
  const match = NUMBERED.exec(folded);
  const groups = match?.groups;
  let number = groups?.['number'];
  if (!match || !groups || number === undefined) return { title: plain };
  const word = groups['step'] ? 'step' : groups['part'] ? 'part' : undefined;
  // The bracket of "a)" and "1)" is read before what follows the number.
  const sign = groups['mark']?.trim() || (/\)\s*$/.test(match[0]) ? ')' : '');
  const mark = groups['mark'] !== '';
  const rest = plain.slice(match[0].length).replace(LEADING_SIGNS, '').trim();
  if (CJK_DIGITS.includes(number.charAt(0))) {
    if (!word && !mark) return { title: plain };
    return { number: cjkNumber(number), ...(word && { word }), title: rest || plain };
  }
  const letters = !/^\d/.test(number);
  if (letters && number !== number.toUpperCase()) {
    // "a. Launch", "b) Grant" count where another letter stands beside them.
    return !word && /^[a-h]$/.test(number) && /^[.)]$/.test(sign) && rest !== '' ? { number, weak: true, title: rest } : { title: plain };
  }
  // "Part I: …" and "Step A: …" are numbers, "Step a side" is not; "A. Smith" only where a "B." stands beside it.
  if (letters && !mark && sign === '') return word && rest === '' ? { number, word, title: plain } : { title: plain };
  if (letters && !word) return sign === '.' || sign === ')' ? { number, weak: true, title: rest || plain } : { title: plain };
  if (/\d[a-z]$/i.test(number) && !word && !mark) return { title: plain };
  if (number.includes('-') && (!word || !/^\d+-\d+$/.test(number))) {
    // "3-tier" and "10-15 minutes" are no numbers of steps; "1-2. Create" is.
    if (!mark || !/^\d+-\d+$/.test(number) || groups['mark'] === '') return { title: plain };
    number = number.replace('-', '.');
  }
  if (groups['total'] && !word && !groups['bracket']) return { title: plain };
  const weak = !word && !mark && !number.includes('.') && rest !== '';
  return { number, ...(word && { word }), ...(weak && { weak }), title: rest || plain };
}

/** The letter or number that stands next to one: B to A, 4 to 3, III to II. */
export function neighbours(number: string): string[] {
  if (/^\d+$/.test(number)) return [String(Number(number) - 1), String(Number(number) + 1)];
  const roman = ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X'];
  const at = roman.indexOf(number);
  const letters = number.length === 1 ? [String.fromCharCode(number.charCodeAt(0) - 1), String.fromCharCode(number.charCodeAt(0) + 1)] : [];
  return [...letters, ...(at >= 0 ? [roman[at - 1] ?? '', roman[at + 1] ?? ''] : [])].filter(Boolean);
}

/** True when a number comes right after another of the same kind, as 3.5 after 3.4. */
export function isNextNumber(read: ReadTitle, before: ReadTitle): boolean {
  const parts = read.number?.split('.') ?? [];
  const partsBefore = before.number?.split('.') ?? [];
  const last = parts.pop() ?? '';
  const lastBefore = partsBefore.pop() ?? '';
  return read.word === before.word && /^\d+$/.test(last) && /^\d+$/.test(lastBefore) && parts.join('.') === partsBefore.join('.') && Number(lastBefore) > 0 && last !== '1' && Number(last) === Number(lastBefore) + 1;
}

/** True when `child` is numbered below `parent`, as 0.1 is below 0. */
export function isNumberBelow(child: string | undefined, parent: string | undefined): boolean {
  return child !== undefined && parent !== undefined && child.startsWith(`${parent}.`);
}

/**
 * Titles without accents. "Cleanup" must not catch the cleaning of data, which is a step of many a data lake, nor
 * "verify" a step that creates something for tests.
 */
const ROLES: readonly (readonly [StepRole, RegExp])[] = [
  ['cleanup', /^(?:clean(?:ing)?[- ]?up|tear(?:ing)?[- ]?down)\b|\b(?:clean[- ]?up|tear[- ]?down)$/],
  ['cleanup', /^(?:delet|remov|destroy)(?:e|ing)?\b.*\b(?:resources?|everything|stacks?|infrastructure|environment)\b/],
  ['cleanup', /^(?:limpi(?:ar|a|e|eza|ando)|limpe|limpar|limpeza|limpando)(?: (?:final|(?:de |del |do |da |dos )?(?:(?:los |las |el |la |os |as |o |a |tus |seus |todos |tudo )*)(?:recursos?|entorno|ambiente|todo|tudo|cuenta|conta)\b.*))?$/],
  ['cleanup', /^(?:elimin|borr|destru|desmont|exclu|remov|apag|delet)\w*\b.*\b(?:recursos?|todo|tudo|infra\w*|entorno|ambiente|pilas?)\b/],
  ['cleanup', /^(?:nettoy\w+|aufraum\w*|bereinig\w+|abbau)\b(?! (?:des|de|der|von) (?:donnees|daten))|\b(?:ressourcen|umgebung|stacks?|infrastruktur|konto) (?:wieder )?(?:loschen|bereinigen|abbauen|entfernen|aufraumen)$|^(?:loschen|entfernen) (?:der|aller|von) (?:\w+ )?(?:ressourcen|umgebung|infrastruktur)\b/],
  ['cleanup', /\b(?:clean(?:ing)?[- ]?up|tear(?:ing)?[- ]?down|cleanup) (?:the |your |all |of )*(?:resources?|environment|lab|workspace|aws|infrastructure|account|stacks?)\b|^cleaning up\b|^delete (?:the |your |all )*(?:aws |cloudformation |s3 |glue )?(?:buckets?|clusters?|stacks?|databases?|resources?|crawlers?|users?|roles?)\b/],
  ['cleanup', /^(?:limpie|eliminando|eliminacion|borrado|borrando|destruccion|excluindo|exclusao|apagando|remocao|removendo|suppression|supprimer|supprimez|suppri\w+ (?:les |des |vos )*ressources)\b|\b(?:limpieza|limpeza) (?:de|do|dos|del|da) (?:los )?(?:recursos?|ambiente|entorno|laboratorio)\b|^desprovision/],
  ['cleanup', /(?:리소스|자원|환경).{0,8}(?:정리|삭제)|실습\s?(?:정리|삭제)|^(?:정리|삭제)(?:하기)?$|(?:清理|删除|刪除|清除).{0,6}(?:资源|資源|环境|環境|实验)|(?:资源|資源|环境|環境)(?:的)?(?:清理|删除|刪除|清除)|^(?:清理|清除)(?:工作)?$|(?:クリーンアップ|後片付け|リソース(?:の)?削除)/],
  ['cleanup', /^(?:don dep|xoa (?:tai nguyen|cac tai nguyen)|thu don)|(?:don dep|xoa) (?:cac )?tai nguyen|^(?:очистк|удалени|удалит|очистит)\S*(?: (?:ресурс|окружен|облак|всех|среды|стенд)\S*)?/],
  ['verify', /^(?:kiem tra|xac minh|проверк|проверит|проверяем|убед)\S*|^(?:验证|驗證|检查|檢查|确认|確認)|(?:검증|확인)(?:하기|(?: 및 [가-힣]+))?$|(?:確認|検証|テスト)$|(?:验证|驗證)$/],
  ['verify', /^(?:verify(?:ing)?|verification|validat(?:e|ing|ion))\b|\bverification$/],
  ['verify', /^check(?:ing)?(?:$| (?:that|the|your|it|if|whether|results?)\b)|^test(?:ing)?(?:$| (?:that|the|your|it|if|whether)\b)/],
  ['verify', /^(?:verific|comprob|comprueb|valid)(?:ar|a|e|acion|acao|ando|amos)\b|\b(?:verificacion|verificacao|comprobacion)$/],
  ['verify', /^(?:prueb[ae]s?|probar|testar|teste|conferir|confira)(?:$| (?:el|la|los|las|o|a|os|as|que|si|se|tu|su|seu|sua)\b)/],
  ['verify', /^(?:verifi(?:er|ez|cation|zierung)|uberpruf\w*|pruf(?:en|ung)|testen|kontrolle)\b|\b(?:uberprufen|prufen|testen|verifizieren|kontrollieren)$/],
];

export const roleOf = remembering((title: string): StepRole => {
  const plain = fold(title);
  return ROLES.find(([, pattern]) => pattern.test(plain))?.[0] ?? 'step';
});

/** Headings that only tell: nothing is done in them. Without accents, in the languages of tutorials. */
const ASIDE = new RegExp(
  '^(?:' +
    'table of contents?|contents|toc|index|(?:[\\w-]+ ){0,3}overview|introduction|intro|about|background|context|(?:the )?(?:\\w+ )?architecture|.*\\barchitecture(?: diagram| overview)?|diagram|what\\b|why\\b|when to|how (?:it|does|this|do)|pre-?requisites?|requirements?|before you|' +
    'objectives?|learning|goals?|summary|conclusions?|next steps?|what.?s next|references?|resources|additional|further|useful|helpful|links?|licen[sc]e|security(?: considerations)?$|contribu\\w*|authors?|contact|credits?|acknowledg\\w*|faq|frequently|' +
    'troubleshoot\\w*|common (?:issues|errors)|notes?|tips?|costs?|pricing|estimated|duration|time|audience|scenario|use[- ]cases?|features?|benefits|advantages|tech(?:nolog\\w*)?(?: stack)?$|technologies|services(?: used)?$|aws services|tools|' +
    '(?:project |folder |directory |repository |repo |file )structure|screenshots?|demo|changelog|glossary|key (?:concepts|takeaways|features|points|learnings)|concepts?|best practices|limitations|appendix|data(?:set)? (?:description|dictionary|source)|dataset|disclaimer|support|congratulations|questions|results?$|expected (?:results?|output)|' +
    'tabla de contenidos?|contenidos?|indice|introduccion|acerca|descripcion|.*\\barquitec?tura\\b.*|estrutura|(?:\\w+ )?components?$|componentes?\\b|composants|types? (?:of|de)\\b|bonnes pratiques|buenas practicas|boas praticas|mejores practicas|melhores praticas|stack|diagrama|prerrequisitos?|pre-?requisitos?|requisitos?|objetivos?|resumen|conclusion(?:es)?|referencias?|recursos|enlaces|licencia|autor(?:es)?|costos?|costes?|precios?|problemas|solucion de problemas|notas?|consejos|antecedentes|contexto|escenario|tecnologias|servicios|estructura|que (?:es|son)|por que|pros\\b|cons\\b|contras\\b|ventajas|beneficios|' +
    'sumario|introducao|sobre|descricao|visao geral|pre-requisitos|resumo|conclusao|conclusoes|proximos passos|siguientes pasos|links uteis|licenca|custos?|dicas|cenario|desafio|observac\\w*|' +
    'table des matieres|sommaire|apercu|presentation|prerequis|objectifs?|resume|conclusion|prochaines etapes|liens|licence|couts?|depannage|contexte|' +
    'einleitung|einfuhrung|uberblick|ubersicht|inhalt(?:e|sverzeichnis)?\\b|voraussetzung\\w*|vorbedingung\\w*|vorwissen|ziele?\\b|lernziele?|zielsetzung|.*\\barchitektur$|hintergrund|zusammenfassung|fazit|kosten|fehlerbehebung|fehlersuche|haufige|weiterfuhrend\\w*|quellen|lizenz|nachste schritte|hinweise?\\b|aufbau|' +
    '(?:an(?:nexe?s?|nex|exos?|hang))\\b|appendi(?:x|ces)|apendices?|discussion|challenges?\\b|extend\\w*|附录|附錄|付録|補足|부록|приложени|phu luc|' +
    'muc luc|gioi thieu|tong quan|kien truc|muc tieu|noi dung|dieu kien|yeu cau|ket luan|tai lieu|chi phi|ghi chu|tom tat|loi ich|' +
    'содержание|оглавление|введение|обзор|описание|архитектура|требования|предварительн|цел[иь]|итог|заключение|постановка|использованн|источники|контрольн|вопрос|ответ|завершение|теори|вывод|ссылк|литература|лицензия|стоимость|' +
    '목차|소개|개요|.*(?:팁|주의\\s?사항|참고\\s?사항)$|.*상세(?: 설명)?$|핵심|예상 (?:결과|비용)|기술 스택|프로젝트 구조|(?:실제 )?데이터 (?:현황|구조|모델)|일반적인 문제|자주|기여|라이선스|추가 (?:리소스|자료)|들어가|아키텍처|사전\\s?(?:준비|요구|조건)|전제|목표|학습|요약|결론|마무리|참고|참조|비용|주의|배경|다음 단계|문제 해결|' +
    '目录|目錄|简介|簡介|介绍|概述|背景|架构|架構|前提|先决|目标|目標|总结|總結|结论|参考|參考|许可|费用|成本|注意|说明|故障|常见问题|はじめに|概要|目次|前提|目的|まとめ|参考|トラブル|よくある|技術|.*アーキテクチャ|.*(?:詳細|构成|構成|详情|详解|說明)$|ライセンス|.*特徴|特性|予想|.*ベストプラクティス|最佳实践|技术|预估|.*(?:特色|特点|优势|建议|强み)$|.*项目结构|许可证|常见|.*学习要点' +
  ')',
  'u',
);

/** What a step's heading begins with: a verb that says to do, or the noun of it. */
const ACTION = new RegExp(
  '^(?:(?:let.?s|now|first|then|finally|how to|we|como|comment) )?(?:' +
    'steps? (?:for|to)|pasos (?:para|de)|passos (?:para|de)|combin\\w*|merg\\w*|chang(?:e|ing)|apply(?:ing)?|paste|hydrat\\w*|modif\\w*|obtain\\w*|' +
    'get(?! started)|try(?:ing)?|review\\w*|find|locate|changing|sign ?in|replace|switch|observ\\w*|extract\\w*|interact\\w*|to (?:add|create|set|run|enable)|optional:? (?:make|create|run|add|set)|creat\\w*|set(?:ting)?[- ]?up|setting|setup|configur\\w*|add(?:ing)?|build(?:ing)?|deploy\\w*|launch\\w*|install\\w*|run(?:ning)?|start(?:ing)?|upload\\w*|download\\w*|load(?:ing)?|ingest\\w*|import\\w*|export\\w*|quer(?:y|ying|ies)|transform\\w*|register\\w*|grant\\w*|' +
    'enabl\\w*|provision\\w*|connect\\w*|open(?:ing)?|sign|log ?(?:in|on)|attach\\w*|defin(?:e|ing)|generat\\w*|populat\\w*|crawl\\w*|catalog\\w*|schedul\\w*|trigger\\w*|visuali[sz]\\w*|analy[sz]\\w*|explor\\w*|monitor\\w*|assign\\w*|updat\\w*|edit(?:ing)?|us(?:e|ing)|mak(?:e|ing)|prepar\\w*|writ(?:e|ing)|' +
    'copy(?:ing)?|shar(?:e|ing)|subscrib\\w*|publish\\w*|access(?:ing)?|navigat\\w*|delet\\w*|clean\\w*|insert\\w*|clone|cloning|process(?:ing)?|stor(?:e|ing)|execut\\w*|automat\\w*|implement\\w*|select\\w*|choos\\w*|view(?:ing)?|stream\\w*|join(?:ing)?|partition\\w*|convert\\w*|perform(?:ing)?|submit\\w*|initiali[sz]\\w*|secur(?:e|ing)|limit\\w*|revok\\w*|remov\\w*|' +
    'cre(?:ar|a|acion|ando|emos|e)|configur\\w*|agreg\\w*|anad\\w*|sub(?:ir|e|imos|ida)|carg\\w*|ejecut\\w*|consult\\w*|registr\\w*|otorg\\w*|asign\\w*|instal\\w*|lanz\\w*|conect\\w*|prepar\\w*|defin\\w*|utiliz\\w*|usar|habilit\\w*|descarg\\w*|elimin\\w*|despleg\\w*|despliegue|ingest\\w*|transform\\w*|visualiz\\w*|conce(?:der|da)|simul\\w*|' +
    'cri(?:ar|ando|e|acao)|adicion\\w*|carreg\\w*|execut\\w*|baix\\w*|subindo|realiz\\w*|implant\\w*|provision\\w*|faz\\w*|conced\\w*|' +
    'insert\\w*|inser(?:ir|indo|cao|ez|er)|atualiz\\w*|actualiz\\w*|actualis\\w*|acess\\w*|acced\\w*|abr(?:ir|a|e)|selecion\\w*|seleccion\\w*|envi(?:ar|e|o|ando)|gerar|gerando|gener\\w*|obte[nr]\\w*|obtenga|clon(?:ar|e|ando)|rodar|rodando|iniciar|inicie|liber\\w*|permit\\w*|particion\\w*|crawle\\w*|catalog\\w*|import\\w*|export\\w*|escrib\\w*|escrev\\w*|' +
    'accede[rz]|acceder|ouvr(?:ir|ez)|connect\\w*|execut\\w*|requet\\w*|attribu\\w*|attach\\w*|activ\\w*|abonn\\w*|s.abonner|demarr\\w*|envoy\\w*|modifi\\w*|preparez|preparer|' +
    '(?:erstell|anleg|einricht|konfigur|bereitstell|hochlad|herunterlad|ausfuhr|abfrag|installier|deploy|verbind|aktivier|registrier|definier|schreib|hinzufug|vorbereit|starte|importier|exportier|zuweis|gewahr|anpass|anmeld|auswahl|auswert|visualisier|transformier|katalogisier)\\w*|.*\\b(?:' +
    'erstellen|anlegen|einrichten|konfigurieren|bereitstellen|hochladen|herunterladen|ausfuhren|abfragen|installieren|deployen|verbinden|aktivieren|registrieren|definieren|schreiben|hinzufugen|vorbereiten|starten|importieren|exportieren|zuweisen|gewahren|vergeben|anpassen|anmelden|auswahlen|auswerten|visualisieren|transformieren|katalogisieren|laden|offnen|aufrufen|erteilen|einspielen|verknupfen|anzeigen|planen|loschen)$|' +
    'ajout\\w*|charg\\w*|lanc\\w*|interrog\\w*|enregistr\\w*|accord\\w*|utilis\\w*|telecharg\\w*|deploi\\w*|creation|mise en|' +
    'tao|cau hinh|thiet lap|cai dat|them|tai len|tai xuong|chay|truy van|dang ky|cap quyen|ket noi|chuan bi|trien khai|khoi tao|xay dung|truc quan|phan tich|' +
    '(?:созда|настро|добав|запус|загруз|устан|выполн|подключ|регистр|подготов|разверт|развёрт)\\S*|' +
    '[为在将对把].{1,40}(?:创建|添加|配置|连接|加载)|创建|創建|建立|新建|配置|设置|設定|添加|上传|上傳|下载|运行|執行|执行|查询|注册|授权|连接|安装|部署|准备|启动|加载|转换|导入|使用|作成|実行|接続' +
  ')(?![\\p{Ll}])|(?:생성|구성|설정|추가|실행|업로드|다운로드|배포|등록|연결|변환|조회|만들기|부여|적재|쿼리|분석|설치|시각화|하기)(?:하기|합니다|하세요|하고)?$|[가-힣]기$|(?:作成|設定|構築|追加|実行|接続|インストール|アップロード|ダウンロード|デプロイ|登録|取得|準備|起動|適用|変更|更新|付与|割り当て|有効化|無効化|サインイン|ログイン|公開|削除|確認|テスト)(?:する|します|しよう|方法)?$|(?:이동|접속|테스트|변경|확인|삭제)(?:하기)?$',
  'u',
);

/** True for a heading such as "Overview", below which nothing is done. */
export const isAsideTitle = remembering((title: string): boolean => ASIDE.test(fold(title)));

/** True for a heading such as "Option 2", which is one way of several to the same. */
export const isVariantTitle = (title: string): boolean => /^(?:method|option|way|metodo|opcion|opcao|methode|방법|옵션|方法|方式|方案|cach|способ|вариант)\s?[\da-c]\b/.test(fold(title));

/** True for a heading such as "Create a bucket". */
export const isActionTitle = remembering((title: string): boolean => roleOf(title) !== 'step' || ACTION.test(fold(title)));

/** True for a heading that is no more than "Steps" or "Procedure": what it announces stands in the list below it. */
export const isListOfSteps = (title: string): boolean =>
  /^(?:(?:the |main |detailed )?(?:steps|procedure|instructions|walkthrough|implementation(?: steps)?)|(?:los )?pasos|procedimiento|instrucciones|(?:os )?passos|passo a passo|paso a paso|procedimento|instrucoes|etapes|procedure|schritte|vorgehen|anleitung|cac buoc(?: thuc hien)?|шаги|порядок действий|단계|절차|ステップ|手順|步骤|步驟|操作步骤|実験手順)$/u.test(fold(title));

/** Lower case without accents and final punctuation. */
function fold(text: string): string {
  return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').normalize('NFC').replace(/đ/gi, 'd').toLowerCase().replace(/[\s.:!?…]+$/u, '').trim();
}

const SLUG_LENGTH = 60;

/** Words joined by hyphens, at most 60 characters, cut between words; empty when the text has no letter or digit. */
export function slug(text: string): string {
  let result = '';
  for (const word of fold(text).match(/[\p{L}\p{N}]+/gu) ?? []) {
    const next = result ? `${result}-${word}` : word;
    if (next.length > SLUG_LENGTH) return result || word.slice(0, SLUG_LENGTH);
    result = next;
  }
  return result;
}
