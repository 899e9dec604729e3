// @ts-check
// Reading paths: ticks that this browser remembers, the rest to read, and undo.

(() => {
  const { say } = typedwiki;
  /** Returns the storage key of the ticks. @param {string} path such as `path/QLoRA` */
  const key = (path) => `${new URL(typedwiki.root).pathname} ${path}`;

  /** Returns the names of the ticked notes. @param {string} path @returns {Set<string>} */
  const recall = (path) => new Set(JSON.parse(typedwiki.recall(key(path)) || "[]"));

  /** @param {any} controls */
  function follow(controls) {
    const path = typedwiki.noteAt(location.href);
    const [bar, said, reset, print] = controls.children;
    const items = [...document.querySelectorAll(".task-list li")].map((li) => ({
      box: /** @type {HTMLInputElement} */ (li.querySelector("input")),
      name: typedwiki.noteAt(li.querySelector("a")?.href ?? ""),
      minutes: parseInt(li.querySelector(".tw-minutes")?.textContent ?? "", 10),
    }));
    const ticked = () => new Set(items.filter(({ box }) => box.checked).map(({ name }) => name));
    /** The ticks that Reset removed. @type {Set<string> | undefined} */
    let before;

    function save() {
      const names = ticked();
      const left = items.reduce((sum, { box, minutes }) => sum + (box.checked ? 0 : minutes), 0);
      const kept = typedwiki.keep(key(path), JSON.stringify([...names]));
      bar.value = names.size;
      said.textContent = `${say("read", { n: names.size, total: bar.max, minutes: left })}${kept ? "" : ` ${say("not-remembered")}`}`;
      reset.textContent = say(before ? "undo-reset" : "reset");
      reset.disabled = !before && !names.size;
    }
    /** @param {Set<string>} names */
    function tick(names) {
      for (const { box, name } of items) box.checked = names.has(name);
      save();
    }

    for (const { box } of items) {
      box.autocomplete = "off"; // otherwise the browser restores old ticks
      box.onchange = () => {
        before = undefined;
        save();
      };
    }
    reset.onclick = () => {
      const back = before;
      before = back ? undefined : ticked();
      tick(back ?? new Set());
    };
    print.onclick = () => window.print();
    bar.max = items.length;
    tick(recall(path));
    controls.hidden = false;
  }

  const controls = document.querySelector(".tw-path-controls");
  if (controls) follow(controls);

  // The list of all paths: the progress of each.
  for (const link of document.querySelectorAll(".tw-paths .tw-at a")) {
    const read = recall(typedwiki.noteAt(link.getAttribute("href") ?? "")).size;
    if (read) link.after(` ${say("read-some", { n: read })}`);
  }
})();
