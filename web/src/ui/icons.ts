// The page's icons: paths on a 24 by 24 grid.
//
// In comes a name; out goes an SVG element that screen readers skip. Invariant: colour and size come from the style
// sheet.

const PATHS = {
  bell: 'M12 2.5a1.5 1.5 0 0 0-1.5 1.5v.7A6.5 6.5 0 0 0 5.5 11v3.6L3.9 17a1.2 1.2 0 0 0 1 1.9h14.2a1.2 1.2 0 0 0 1-1.9l-1.6-2.4V11a6.5 6.5 0 0 0-5-6.3V4A1.5 1.5 0 0 0 12 2.5ZM9.6 20a2.5 2.5 0 0 0 4.8 0H9.6Z',
  send: 'M3.6 20.3 21.3 12.8a.9.9 0 0 0 0-1.6L3.6 3.7a.8.8 0 0 0-1.1 1l2.4 6.1 9.1 1.2-9.1 1.2-2.4 6.1a.8.8 0 0 0 1.1 1Z',
  people:
    'M9 11.5A3.75 3.75 0 1 0 9 4a3.75 3.75 0 0 0 0 7.5Zm7.5 0a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM9 13.5c-3.6 0-6.5 1.8-6.5 4v1c0 .6.4 1 1 1h11c.6 0 1-.4 1-1v-1c0-2.2-2.9-4-6.5-4Zm7.5 0c-.6 0-1.1 0-1.6.2 1.6 1 2.6 2.3 2.6 3.8v1.5c0 .2 0 .3-.1.5h3.2c.5 0 .9-.4.9-.9v-.9c0-2.2-2.2-4.2-5-4.2Z',
  leave:
    'M5 3.5h7.5a1 1 0 0 1 0 2H6v13h6.5a1 1 0 0 1 0 2H5a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1Zm11.3 4.2a1 1 0 0 1 1.4 0l3.6 3.6a1 1 0 0 1 0 1.4l-3.6 3.6a1 1 0 1 1-1.4-1.4l1.9-1.9H10a1 1 0 1 1 0-2h8.2l-1.9-1.9a1 1 0 0 1 0-1.4Z',
  close:
    'M6.7 5.3a1 1 0 0 0-1.4 1.4L10.6 12l-5.3 5.3a1 1 0 1 0 1.4 1.4L12 13.4l5.3 5.3a1 1 0 0 0 1.4-1.4L13.4 12l5.3-5.3a1 1 0 0 0-1.4-1.4L12 10.6 6.7 5.3Z',
  down: 'M12 15.9a1.2 1.2 0 0 1-.85-.35l-5.3-5.3a1.2 1.2 0 1 1 1.7-1.7L12 13l4.45-4.45a1.2 1.2 0 0 1 1.7 1.7l-5.3 5.3a1.2 1.2 0 0 1-.85.35Z',
  tick: 'M9.5 17.6a1 1 0 0 1-.72-.3l-4.3-4.4a1 1 0 1 1 1.44-1.4l3.58 3.7 8.58-8.9a1 1 0 1 1 1.44 1.4l-9.3 9.6a1 1 0 0 1-.72.3Z',
  clock:
    'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Zm0 1.9a6.6 6.6 0 1 1 0 13.2 6.6 6.6 0 0 1 0-13.2Zm0 2.2c-.5 0-.95.4-.95.95v3.7c0 .35.2.67.5.85l2.7 1.55a.95.95 0 1 0 .95-1.65l-2.25-1.3V8.55c0-.55-.45-.95-.95-.95Z',
  alert:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 4.2c.6 0 1 .45 1 1l-.2 4.6a.8.8 0 0 1-1.6 0L11 8.2c0-.55.4-1 1-1Zm0 7.9a1.15 1.15 0 1 1 0 2.3 1.15 1.15 0 0 1 0-2.3Z',
} as const;

export function icon(name: keyof typeof PATHS): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.appendChild(path);
  return svg;
}
