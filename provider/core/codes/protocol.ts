import type { CodeEntry } from "../../../agent/contract/reasons/reason.js";

/** What any provider can say: of values, of stored states, of the talk with Terraform. */
export const PROTOCOL_CODES = {
  interrupted: {
    meaning: "Terraform asked the provider to stop, by Ctrl-C say.",
    retry: "now",
    next: "Apply or destroy again: what exists so far is in the state.",
  },
  unexpected: {
    meaning: "The provider failed in a way that it does not know.",
    retry: "later",
    next: "Try again with TF_LOG=DEBUG, and report what it shows.",
  },
  "value-missing": {
    meaning: "A required value is null.",
    retry: "never",
    next: "Give the attribute a value.",
  },
  "value-invalid": {
    meaning: "A value is not one that the attribute takes.",
    retry: "never",
    next: "Correct the value as the detail says.",
  },
  "value-malformed": {
    meaning: "A value does not fit the schema, or can't be carried.",
    retry: "never",
    next: "Correct the value. If Terraform wrote it, use the versions of Terraform and of the provider that wrote the state.",
  },
  "configuration-unknown": {
    meaning: "A data source or an ephemeral resource was read before all of its configuration was known.",
    retry: "never",
    next: "Make first what it depends on (terraform apply -target=ADDRESS).",
  },
  "private-state-unreadable": {
    meaning: "What the state file keeps as private of an object was not written by this provider.",
    retry: "never",
    next: "Restore the state file from a backup.",
  },
  "move-version-unsupported": {
    meaning: "A moved block is from a resource whose state has a version that this provider does not know.",
    retry: "never",
    next: "Apply once with a version of the other provider that writes a version which is known, then move.",
  },
  "move-unsupported": {
    meaning: "A moved block is from a resource that can't become this one.",
    retry: "never",
    next: "Replace the moved block by a removed block, and import the object at its new address.",
  },
  "state-too-new": {
    meaning: "The state was written by a newer version of this provider.",
    retry: "never",
    next: "Use the newer version.",
  },
  "state-too-old": {
    meaning: "The state was written by a version of this provider, or of Terraform, that is too old.",
    retry: "never",
    next: "Apply once with a version in between, then go on from there.",
  },
  "provider-not-configured": {
    meaning: "Terraform called before it had configured the provider.",
    retry: "never",
    next: "Correct what was wrong with the provider's configuration: its own diagnostic says what.",
  },
  "type-unknown": {
    meaning: "Terraform asked for a type that this provider does not have.",
    retry: "never",
    next: "Use a version of the provider that has the type.",
  },
  "import-unsupported": {
    meaning: "Objects of this type can't be imported.",
    retry: "never",
    next: "Let Terraform make another one.",
  },
  "import-id-invalid": {
    meaning: "The id that was given to an import is not one of this type.",
    retry: "never",
    next: "Give the id in the form that the detail shows.",
  },
  "more-diagnostics": {
    meaning: "There are more diagnostics than are shown.",
    retry: "never",
    next: "Correct those that are shown, and try again.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
