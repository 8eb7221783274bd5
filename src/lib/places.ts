/**
 * Whether a path is a place of the portal or lies below it, in large or small letters, as routes take them. Below the
 * first page, "/", lies nothing: it is a page like any other.
 */
export function isUnder(path: string, place: string): boolean {
  const asked = path.toLowerCase();
  return asked === place || (place !== "/" && asked.startsWith(`${place}/`));
}
