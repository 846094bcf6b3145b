import { Belfry } from '/belfry.js';
const [login, chat, log, note] = ['login', 'chat', 'log', 'note'].map((id) => document.getElementById(id));
const belfry = new Belfry();
const fail = (error) => (note.textContent = error.message);
const show = ({ from, to, content, cseq }) => {
  if (![from, to].includes(chat.peer.value) || document.getElementById(cseq)) return;
  const line = log.appendChild(document.createElement('li'));
  [line.id, line.className, line.textContent] = [cseq, from === belfry.address ? 'mine' : '', content?.text];
  line.scrollIntoView();
};
const begin = () => {
  [login.hidden, chat.hidden, note.textContent] = [true, false, `You are ${belfry.address}`];
  return belfry.start();
};
belfry.on('message', show).on('ended', () => location.reload());
login.onsubmit = () => {
  belfry.login(login.address.value, login.password.value).then(begin).catch(fail);
  return false;
};
chat.peer.onchange = async () => {
  log.replaceChildren();
  (await belfry.history(chat.peer.value)).messages.forEach(show);
};
chat.onsubmit = () => {
  belfry.send(chat.peer.value, chat.text.value).catch(fail);
  chat.text.value = '';
  return false;
};
if (belfry.address) begin().catch(fail);
