import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ErrorNote } from './error-note.tsx';

interface ConfirmDialogProps {
  title: string;
  /** What the button says that does it. */
  action: string;
  isHarmful?: boolean;
  children: ComponentChildren;
  /** Does it. Where it throws, the dialog stays and says why. */
  onConfirm: () => Promise<void>;
  onClose: () => void;
}

/** Asks before something is done that others notice. Escape, or leaving it, does nothing. */
export function ConfirmDialog(props: ConfirmDialogProps): JSX.Element {
  const { title, action, isHarmful, children, onConfirm, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<unknown>(null);
  const [isAtWork, setAtWork] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const confirm = async (): Promise<void> => {
    setAtWork(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(failure);
      setAtWork(false);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <h2 id="dialog-title">{title}</h2>
      {children}
      {error === null ? null : <ErrorNote error={error} />}
      <div class="buttons end">
        <button type="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button
          type="button"
          class={isHarmful === true ? 'harm' : 'main'}
          disabled={isAtWork}
          onClick={() => void confirm()}
        >
          {isAtWork ? 'Just a moment …' : action}
        </button>
      </div>
    </dialog>
  );
}
