/**
 * Escapes text so that Terraform keeps it unchanged: otherwise `${` and `%{` would start a template. Before text that looks like
 * one of cdktf's own tokens, the signs become a template that returns them: if only escaped, cdktf would still read a token.
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1
 */
export const literal = (text: string): string =>
  text.replace(/(?:\$+|[#&])(?=\{TfToken\[)|[$%](?=\{)/g, (signs, at: number) =>
    text.startsWith("{TfToken[", at + signs.length) ? `\${"${signs}"}` : signs + signs,
  );
