import {useState} from 'preact/hooks';
import type {Field, Module} from './answer';

type Values = {[name: string]: string};

/** One thing the shop asks, or offers to put right. Nothing is chosen beforehand; what was answered
 * is said instead of the form. */
export function ModuleForm({
  module,
  tell,
}: {
  module: Module;
  tell: (module: string, values: Values) => Promise<boolean>;
}) {
  const [values, setValues] = useState<Values>({});
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  // What stood in the fields from the start is sent too: it is what the person saw and agreed with.
  const given = Object.fromEntries(
    module.fields.filter((field) => field.value).map((field) => [field.name, field.value]),
  );
  const filled = (field: Field) => Boolean(values[field.name] ?? field.value);
  // What is left empty altogether says nothing: the button would seem dead.
  const ready =
    module.fields.every((field) => !field.needed || filled(field)) &&
    (module.fields.length === 0 || module.fields.some(filled));

  async function send(): Promise<void> {
    setBusy(true);
    setFailed(!(await tell(module.key, {...given, ...values})));
    setBusy(false);
  }

  return (
    <s-section heading={module.heading}>
      <s-stack gap="base">
        {module.text && <s-paragraph>{module.text}</s-paragraph>}
        {module.facts?.map((fact) => (
          <s-stack key={fact.label} gap="small-500">
            <s-text color="subdued">{fact.label}</s-text>
            {fact.lines.map((line) => (
              <s-text key={line}>{line}</s-text>
            ))}
          </s-stack>
        ))}
        {module.done ? (
          <s-stack accessibilityRole="status">
            <s-paragraph color="subdued">{module.done}</s-paragraph>
          </s-stack>
        ) : (
          <s-stack gap="base">
            {module.fields.map((field) => (
              <Input
                key={field.name}
                field={field}
                value={values[field.name] ?? field.value}
                onValue={(value) => setValues((before) => ({...before, [field.name]: value}))}
              />
            ))}
            <s-button
              variant="secondary"
              disabled={!ready || busy}
              loading={busy}
              onClick={() => void send()}
            >
              {module.submit_text}
            </s-button>
            {failed && (
              <s-stack accessibilityRole="status">
                <s-text>{module.failed_text}</s-text>
              </s-stack>
            )}
            {module.note && (
              <s-text type="small" color="subdued">
                {module.note}
              </s-text>
            )}
          </s-stack>
        )}
      </s-stack>
    </s-section>
  );
}

function Input({
  field,
  value,
  onValue,
}: {
  field: Field;
  value: string;
  onValue: (value: string) => void;
}) {
  const changed = (event: Event) => onValue((event.currentTarget as HTMLInputElement).value);
  switch (field.kind) {
    case 'check':
      return (
        <s-checkbox
          name={field.name}
          label={field.label}
          checked={value === 'on'}
          onChange={(event) => onValue((event.currentTarget as HTMLInputElement).checked ? 'on' : '')}
        />
      );
    case 'choice':
      return (
        <s-choice-list
          name={field.name}
          label={field.label}
          values={value ? [value] : []}
          onChange={(event) => onValue((event.currentTarget as unknown as {values?: string[]}).values?.[0] ?? '')}
        >
          {field.options.map((option) => (
            <s-choice key={option.value} value={option.value} selected={option.value === value}>
              {option.label}
            </s-choice>
          ))}
        </s-choice-list>
      );
    case 'date':
      return (
        <s-date-field
          name={field.name}
          label={field.label}
          value={value}
          allow={`${field.earliest}--${field.latest}`}
          onChange={changed}
        />
      );
    default:
      return <s-text-field name={field.name} label={field.label} value={value} maxLength={500} onChange={changed} />;
  }
}
