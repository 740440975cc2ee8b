import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Labelled {
  readonly label: string;
  readonly hint?: ComponentChildren | undefined;
}

interface InputProps extends Labelled {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly type?: "text" | "search" | "number" | "url" | "datetime-local";
  readonly required?: boolean;
  readonly pattern?: string;
  readonly title?: string;
  readonly placeholder?: string;
  readonly min?: number;
  readonly max?: number;
  readonly maxLength?: number;
  /** The id of a datalist. */
  readonly list?: string;
}

export function TextField({ label, hint, value, onValue, type = "text", ...rest }: InputProps) {
  const id = useId();
  // What an input may have depends on its type; these all may.
  const attributes = { type, ...rest } as object;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...attributes}
        id={id}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
      <Hint id={id} hint={hint} />
    </div>
  );
}

export function AreaField({
  label,
  hint,
  value,
  onValue,
  rows = 6,
}: Labelled & { readonly value: string; readonly onValue: (value: string) => void; readonly rows?: number }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={rows}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        spellcheck={false}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
      <Hint id={id} hint={hint} />
    </div>
  );
}

export function SelectField({
  label,
  hint,
  value,
  options,
  onValue,
}: Labelled & {
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onValue: (value: string) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={({ currentTarget }) => onValue(currentTarget.value)}
      >
        {options.map(([of, text]) => (
          <option key={of} value={of} selected={of === value}>
            {text}
          </option>
        ))}
      </select>
      <Hint id={id} hint={hint} />
    </div>
  );
}

export function CheckField({
  label,
  hint,
  isOn,
  onValue,
}: Labelled & { readonly isOn: boolean; readonly onValue: (isOn: boolean) => void }) {
  const id = useId();
  return (
    <div class="field check">
      <input
        id={id}
        type="checkbox"
        checked={isOn}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={({ currentTarget }) => onValue(currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      <Hint id={id} hint={hint} />
    </div>
  );
}

/** One of a few, all of them seen. */
export function ChoiceField<T extends string>({
  label,
  value,
  options,
  onValue,
}: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, text: string])[];
  readonly onValue: (value: T) => void;
}) {
  const id = useId();
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <div>
        {options.map(([of, text]) => (
          <label key={of}>
            <input type="radio" name={id} checked={of === value} onChange={() => onValue(of)} />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

const Hint = ({ id, hint }: { readonly id: string; readonly hint: ComponentChildren }) =>
  hint === undefined ? null : (
    <p class="hint" id={`${id}-hint`}>
      {hint}
    </p>
  );
