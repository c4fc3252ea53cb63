// Turns the plain query field of a form into an editor. Without this script the form works as it is.

import Yasqe from "@zazuko/yasqe";

// Complete the prefixes that the page lists, and keep nothing of them in the browser.
function usePrefixes(prefixes) {
  const declarations = Object.entries(prefixes).map(([name, namespace]) => `${name}: <${namespace}>`);
  Yasqe.forkAutocompleter("prefixes", { name: "prefixes", get: declarations, persistenceId: undefined });
}

function settings(textarea, submit) {
  return {
    value: textarea.value,
    inputStyle: "contenteditable",
    viewportMargin: Infinity,
    editorHeight: "auto",
    resizeable: false,
    // The form submits the query: the editor neither sends, stores nor shares it.
    queryingDisabled: "The form runs the query.",
    showQueryButton: false,
    persistenceId: null,
    createShareableLink: null,
    consumeShareLink: null,
    // Tab and Escape keep their usual meaning, so that the keyboard is never trapped.
    extraKeys: { Tab: false, "Shift-Tab": false, Esc: false, "Ctrl-S": false, "Ctrl-Enter": submit, "Cmd-Enter": submit },
  };
}

function nameField(editor, textarea) {
  const field = editor.getInputField();
  field.setAttribute("role", "textbox");
  field.setAttribute("aria-multiline", "true");
  field.setAttribute("aria-label", textarea.getAttribute("aria-label") || textarea.labels[0]?.textContent.trim() || "Query");
  const help = textarea.getAttribute("aria-describedby");
  if (help) field.setAttribute("aria-describedby", help);
  for (const label of textarea.labels) label.addEventListener("click", () => editor.focus());
}

function keepInStep(editor, textarea) {
  const fromTextarea = () => { if (editor.getValue() !== textarea.value) editor.setValue(textarea.value); };
  const toTextarea = () => { textarea.value = editor.getValue(); };
  editor.on("changes", toTextarea);
  textarea.form.addEventListener("submit", toTextarea);
  textarea.form.addEventListener("reset", () => setTimeout(fromTextarea));
  // On the way back to the page, the browser restores the textarea after this script has run.
  window.addEventListener("pageshow", fromTextarea);
}

// Show what makes sense only with this script: examples to choose from, keys to press.
function reveal(form) {
  for (const part of form.querySelectorAll("[data-sg-script]")) part.hidden = false;
}

function offerExamples(editor) {
  for (const select of document.querySelectorAll("select[data-sg-examples]")) {
    select.addEventListener("change", () => {
      const query = select.selectedOptions[0]?.dataset.query;
      if (query) editor.setValue(query);
    });
  }
}

function enhance(textarea) {
  usePrefixes(JSON.parse(textarea.dataset.prefixes || "{}"));
  const place = document.createElement("div");
  place.className = "sg-editor__field";
  textarea.after(place);
  const submit = () => textarea.form.requestSubmit(textarea.form.querySelector("button:not([type=button]):not([type=reset])"));
  const editor = new Yasqe(place, settings(textarea, submit));
  textarea.required = false;
  nameField(editor, textarea);
  textarea.hidden = true;
  keepInStep(editor, textarea);
  offerExamples(editor);
  reveal(textarea.form);
}

const textarea = document.querySelector("form.sg-editor textarea[name=query]");
if (textarea) enhance(textarea);
