/**
 * Text as XML and HTML take it, in elements and attributes alike.
 *
 * @param instead what stands for characters that XML 1.0 has no way to write, not even escaped (https://www.w3.org/TR/xml/#charsets, 2026-11).
 */
export const escapeXml = (text: string, instead = ''): string =>
  text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu, instead).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
