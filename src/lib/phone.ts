/** `(512) 555-0130`: ten digits, however they were typed, as an American writes them; anything else as it is. */
export function formatPhone(typed: string): string {
  return typed.replace(/^\(?(\d{3})\)?[-. ]?(\d{3})[-. ]?(\d{4})$/, "($1) $2-$3");
}

/** `+15125550130`: ten digits as services that carry text messages want them (E.164); anything else as it is. */
export function internationalPhone(digits: string): string {
  return digits.replace(/^\d{10}$/, "+1$&");
}
