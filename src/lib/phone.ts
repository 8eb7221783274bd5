/** `(512) 555-0130`: ten digits, however they were typed, as an American writes them; anything else as it is. */
export function formatPhone(typed: string): string {
  const [, area, office, number] = /^1?(\d{3})(\d{3})(\d{4})$/.exec(typed.replace(/[\s().+-]/g, "")) ?? [];
  return number ? `(${area}) ${office}-${number}` : typed;
}

/** `+15125550130`: ten digits as services that carry text messages want them (E.164); anything else as it is. */
export function internationalPhone(digits: string): string {
  return digits.replace(/^\d{10}$/, "+1$&");
}
