import { CombinedGraphQLErrors } from '@apollo/client';
import { useId, useState } from 'react';
import type { FormEvent, InputHTMLAttributes, ReactNode } from 'react';

interface FormProps {
  readonly submitLabel: string;
  /** Gets the fields' values by name; what it throws is shown under the fields. */
  readonly onSubmit: (values: Record<string, string>) => Promise<void>;
  readonly testId: string;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Form({ submitLabel, onSubmit, testId, className = 'form', children }: FormProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    setIsBusy(true);
    setProblem(null);
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    // Emptied now and not after the answer, which would take away what is typed meanwhile.
    form.reset();
    try {
      await onSubmit(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.trim()])));
    } catch (error) {
      giveBack(form, values);
      setProblem(problemText(error));
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <form className={className} data-testid={testId} onSubmit={(event) => void submit(event)}>
      {children}
      <button type="submit" disabled={isBusy}>
        {submitLabel}
      </button>
      {problem !== null && (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
    </form>
  );
}

function giveBack(form: HTMLFormElement, values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement && field.value === '') field.value = value;
  }
}

/** Parley's messages are safe to show; anything else is a failing network. */
export function problemText(error: unknown): string {
  if (CombinedGraphQLErrors.is(error)) return error.errors.map(({ message }) => message).join(' ');
  return 'The server cannot be reached. Try again.';
}

export function Field({ label, ...input }: { label: string; name: string } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} required {...input} />
    </div>
  );
}
