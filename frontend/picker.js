// Turns the lists of a form into fields that search while one types. Without this script the lists work as they are.

import accessibleAutocomplete from "accessible-autocomplete/src/wrapper.js";

const WAIT = 120; // milliseconds without a key after which the server is asked

function optionsOf(select) {
  return new Map([...select.options].filter((each) => each.value).map((each) => [each.value, each.textContent.trim()]));
}

// Names in other languages and misspelt ones are found by the server; what the list itself holds comes first.
function searcher(select, options) {
  let latest = 0;
  const classes = select.dataset.picker.split(" ");
  return (query, populate) => {
    const asked = ++latest;
    const own = [...options.values()].filter((text) => text.toLowerCase().includes(query.toLowerCase()));
    own.sort((one, other) => !one.toLowerCase().startsWith(query.toLowerCase()) - !other.toLowerCase().startsWith(query.toLowerCase()));
    populate(own);
    setTimeout(async () => {
      if (asked !== latest) return;
      const fields = new URLSearchParams([["q", query], ["limit", "50"], ["format", "json"], ...classes.map((each) => ["kind", each])]);
      const reply = await fetch(`/search?${fields}`).catch(() => null);
      if (!reply?.ok || asked !== latest) return;
      const { results } = await reply.json();
      const found = results.map((each) => options.get(each.iri)).filter(Boolean);
      if (asked === latest) populate([...new Set([...own, ...found])]);
    }, WAIT);
  };
}

// What was typed and not chosen is sent as it stands: the server knows names too, and says what comes near.
function sendWhatIsTyped(select, input, name) {
  select.form.addEventListener("submit", () => {
    const chosen = select.selectedOptions[0];
    const isChosen = chosen?.value && chosen.textContent.trim() === input.value.trim();
    select.name = isChosen ? name : "";
    input.name = isChosen ? "" : name;
  });
}

for (const select of document.querySelectorAll("select[data-picker]")) {
  const { id, name } = select;
  const options = optionsOf(select);
  const described = select.getAttribute("aria-describedby");
  const texts = document.documentElement.lang;
  accessibleAutocomplete.enhanceSelectElement({
    selectElement: select,
    source: searcher(select, options),
    defaultValue: options.get(select.value) ?? select.dataset.typed,
    minLength: 1,
    confirmOnBlur: false,
    displayMenu: "overlay",
    inputClasses: "form-control",
    ...messages(texts),
  });
  select.required = false;
  const input = document.getElementById(id);
  input.required = true;
  if (described) input.setAttribute("aria-describedby", described);
  if (select.getAttribute("aria-invalid")) input.setAttribute("aria-invalid", "true");
  sendWhatIsTyped(select, input, name);
}

function messages(language) {
  const texts = {
    fr: ["Aucun résultat", "Saisissez au moins une lettre", "résultats"],
    es: ["Sin resultados", "Escriba al menos una letra", "resultados"],
    ar: ["لا نتائج", "اكتب حرفاً واحداً على الأقل", "نتائج"],
  }[language];
  if (!texts) return {};
  const [none, short, many] = texts;
  return {
    tNoResults: () => none,
    tStatusQueryTooShort: () => short,
    tStatusNoResults: () => none,
    tStatusResults: (length, chosen) => `${length} ${many}. ${chosen}`,
    tStatusSelectedOption: (chosen, length, index) => `${chosen} ${index + 1}/${length}`,
    tAssistiveHint: () => short,
  };
}
