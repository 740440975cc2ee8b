/**
 * Half of an emoji, where a text was cut, has no UTF-8: Go refuses the whole message for it, with the state that is in it.
 * A replacement character takes its place.
 */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd");

/** The beginning of a text that is longer than a person would read. */
export const bounded = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest)}... (${text.length} characters)`;
