// What the buttons about people do, wherever they stand.
//
// In come clicks on buttons with data-do and data-who; out go questions to the server and a word about what became of
// them. Invariant: a button that was pressed cannot be pressed again before its answer.
import type { Account } from '../account';
import { nameOf } from '../core/account/lists';
import { explain } from './form';
import type { Toast } from './toast';

export function listenForDeeds(root: HTMLElement, account: Account, toast: Toast): void {
  root.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    const { do: what, who } = button?.dataset ?? {};
    if (!button || what === undefined || who === undefined || button.ariaDisabled === 'true') return;
    button.ariaDisabled = 'true';
    void deed(account, toast, what, who).finally(() => (button.ariaDisabled = null));
  });
}

async function deed(account: Account, toast: Toast, what: string, who: string): Promise<void> {
  const { people } = account;
  const name = `\u2068${nameOf(account.store.state, who)}\u2069`;
  const undo = (label: string, opposite: string) => ({
    label,
    act: () => void deed(account, toast, opposite, who),
  });
  try {
    switch (what) {
      case 'accept':
        await people.accept(who);
        return toast.say(`You and ${name} are in contact.`);
      case 'refuse':
        await people.refuse(who);
        return toast.say(`The request of ${name} was refused.`);
      case 'withdraw':
        await people.withdraw(who);
        return toast.say('The request was taken back.');
      case 'remove':
        await people.remove(who);
        return toast.say(`${name} is no longer a contact.`);
      case 'block':
        await people.block(who);
        return toast.say(`${name} is blocked.`, undo('Unblock', 'unblock'));
      case 'unblock':
        await people.unblock(who);
        return toast.say(`${name} is no longer blocked.`);
      case 'hear':
        await people.hear(who);
        return toast.say(`Messages of ${name} come with your chats now.`);
      case 'request':
        await people.request(who, '');
        return toast.say(`${name} was asked.`);
    }
  } catch (error) {
    toast.say(explain(error));
  }
}
