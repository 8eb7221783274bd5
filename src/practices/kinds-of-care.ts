/** The kinds of care that a practice may give, as they are called wherever one is named. */
export const kindsOfCare = [
  "Dentistry",
  "Orthodontics",
  "Oral surgery",
  "Veterinary care",
  "Dermatology",
  "Eye care",
  "Hearing care",
  "Cosmetic surgery",
  "Primary care",
  "Women’s health and fertility",
  "Chiropractic",
  "Physical therapy",
  "Behavioral health",
  "Other care",
] as const;
