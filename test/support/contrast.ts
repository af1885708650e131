import type { Page } from 'playwright-core';

/** Texts that do not stand out from their ground by 4.5 to 1, or 3 to 1 where they are large, as WCAG 2.2 has it (1.4.3). */
export function lowContrasts(page: Page): Promise<string[]> {
  // As text, because what runs in the browser is of another world than this module.
  return page.evaluate(`(() => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 1;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const over = (colour, ground) => {
      context.fillStyle = 'rgb(' + ground.join(',') + ')';
      context.fillRect(0, 0, 1, 1);
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const groundOf = (element) => {
      const chain = [];
      for (let at = element; at !== null; at = at.parentElement) chain.unshift(getComputedStyle(at).backgroundColor);
      const canvasColour = matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255];
      return chain.reduce((ground, colour) => over(colour, ground), canvasColour);
    };
    const luminance = (rgb) => {
      const [r, g, b] = rgb.map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found = [];
    for (const element of document.querySelectorAll('body *')) {
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
      const style = getComputedStyle(element);
      if (!hasText || style.visibility === 'hidden' || element.getClientRects().length === 0) continue;
      const ground = groundOf(element);
      const text = over(style.color, ground);
      const [light, dark] = [luminance(text), luminance(ground)].sort((a, b) => b - a);
      const ratio = (light + 0.05) / (dark + 0.05);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (isLarge ? 3 : 4.5)) found.push(element.tagName + ' ' + element.className + ' ' + ratio.toFixed(2) + ' ' + element.textContent.slice(0, 40));
    }
    return found;
  })()`);
}
