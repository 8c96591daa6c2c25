// Questions to the server. Each kind of question has one in flight; what is asked meanwhile waits, and only the newest
// of it is sent. An answer is given on only while nothing newer has been asked: a stale answer is never shown.
const kinds = new Map();

async function post(path, body) {
  const answer = await fetch(path + "?lang=" + document.documentElement.lang, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const content = await answer.json().catch(() => ({ error: answer.statusText }));
  if (!answer.ok) throw new Error(content.error || answer.statusText);
  return content;
}

export const askOnce = post;

export function ask(path, body, show, fail) {
  const kind = kinds.get(path) ?? { newest: 0, isBusy: false, next: null };
  kinds.set(path, kind);
  kind.next = { id: ++kind.newest, body, show, fail };
  if (!kind.isBusy) pump(path, kind);
}

// Nothing that is in flight is shown any more.
export function forget(path) {
  const kind = kinds.get(path);
  if (kind) { kind.newest += 1; kind.next = null; }
}

async function pump(path, kind) {
  kind.isBusy = true;
  while (kind.next) {
    const { id, body, show, fail } = kind.next;
    kind.next = null;
    try {
      const content = await post(path, body);
      if (id === kind.newest) show(content);
    } catch (error) {
      if (id === kind.newest) fail(error);
    }
  }
  kind.isBusy = false;
}
