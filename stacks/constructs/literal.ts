/**
 * Text as Terraform gives it on unchanged: without this, `${` and `%{` in it start a template. The signs before what looks
 * like one of cdktf's own tokens become a template that gives just them: escaped, they would still be taken for a token's.
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1
 */
export const literal = (text: string): string =>
  text.replace(/(?:\$+|[#&])(?=\{TfToken\[)|[$%](?=\{)/g, (signs, at: number) =>
    text.startsWith("{TfToken[", at + signs.length) ? `\${"${signs}"}` : signs + signs,
  );
