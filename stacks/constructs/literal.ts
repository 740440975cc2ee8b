/**
 * Text as Terraform gives it on unchanged: without this, `${` and `%{` in it start a template.
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1
 */
export const literal = (text: string): string => text.replace(/[$%](?=\{)/g, "$&$&");
