/** The HTML of a page: a place for its script to draw in, and a policy that lets nothing else in. */

export interface PageParts {
  /** Where the extension's own files may come from, in the webview's terms. */
  readonly cspSource: string;
  readonly script: string;
  readonly style: string;
  readonly title: string;
  readonly language: string;
  /** Unguessable, and another one each time. */
  readonly nonce: string;
}

export function pageHtml({ cspSource, script, style, title, language, nonce }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${attribute(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${attribute(style)}">
<title>${attribute(title)}</title>
</head>
<body>
<div id="root"></div>
<script nonce="${attribute(nonce)}" src="${attribute(script)}"></script>
</body>
</html>
`;
}

function attribute(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
