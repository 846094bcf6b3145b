// Where in the signed-in half one is, as the part of the page's address behind the #.
//
// In comes an address; out goes a place, and back. Invariant: what is not understood is the beginning.

export type Route =
  | { pane: 'none'; tab: Tab }
  | { pane: 'chat' | 'person'; address: string }
  | { pane: 'add' | 'settings' | 'lobby' | 'sign-in' };

export type Tab = 'chats' | 'people';

export function toRoute(hash: string): Route {
  const [what = '', ...rest] = hash.replace(/^#?\/?/, '').split('/');
  switch (what) {
    case 'people':
      return { pane: 'none', tab: 'people' };
    case 'add':
    case 'settings':
    case 'lobby':
    case 'sign-in':
      return { pane: what };
    case 'chat':
    case 'person': {
      const address = decoded(rest.join('/'));
      if (address !== '') return { pane: what, address };
    }
  }
  return { pane: 'none', tab: 'chats' };
}

export const hrefOf = {
  chat: (address: string) => `#/chat/${encodeURIComponent(address)}`,
  person: (address: string) => `#/person/${encodeURIComponent(address)}`,
};

/** The token of an invitation, if the page was opened by its link. */
export function invitationIn(path: string): string | null {
  return /^\/i\/([A-Za-z0-9_-]{1,200})\/?$/.exec(path)?.[1] ?? null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
