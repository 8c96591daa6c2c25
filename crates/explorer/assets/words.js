// Texts and numbers as the language has them. Numbers come from the server; here they are only written.
let words = {};
let lang = "en";
let plain, one, three, percent;

export function speak(run) {
  words = run.words;
  lang = run.lang;
  plain = new Intl.NumberFormat(lang, { maximumFractionDigits: 0 });
  one = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
  three = new Intl.NumberFormat(lang, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  percent = new Intl.NumberFormat(lang, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
}

const known = (write) => (value) => (value === null || value === undefined ? t("word.missing") : write(value));
export const count = known((n) => plain.format(n));
export const real = known((n) => three.format(n));
export const share = known((n) => percent.format(n));
export const number = known((n) => new Intl.NumberFormat(lang, { maximumSignificantDigits: 4 }).format(n));
export const signed = (n) => (n > 0 ? "+" : n < 0 ? "−" : "±") + plain.format(Math.abs(n));
export const money = known((sek) => {
  if (Math.abs(sek) < 1e6) return t("word.sek", { n: plain.format(sek) });
  return t("word.million", { n: one.format(sek / 1e6) });
});
export const sorted = (names) => [...names].sort(new Intl.Collator(lang).compare);
export const collator = () => new Intl.Collator(lang);

// The value of an indicator with its unit.
export function raw(value, unit) {
  if (value === null || value === undefined) return t("word.missing");
  if (unit === "share") return share(value);
  const key = { persons: "unit.persons", households: "unit.households", "persons per km²": "unit.density", "SEK per household": "unit.cost" }[unit];
  return number(value) + (unit ? " " + (key ? t(key) : unit) : "");
}

// An element with text; text never becomes markup.
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key in made && typeof value === "function") made[key] = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((c) => c !== null && c !== undefined));
  return made;
}
