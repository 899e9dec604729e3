// @ts-check
// The draft's list of all pages by type, beside the text. It is filled when opened, and then stays open.

(() => {
  const MOST = 200; // maximum number of links of a type; Explore has all
  const { make, one, root, recall, keep, say } = typedwiki;
  const box = one(".all-pages");

  async function fill() {
    const wiki = await typedwiki.pages();
    const here = wiki.find(location.href);
    const groups = wiki.types.map(([, name, plural], type) => {
      const all = [...wiki.pages.keys()].filter((page) => wiki.pages[page][2] === type);
      const links = all.slice(0, MOST).map((page) => make("li", {}, wiki.link(page)));
      if (all.length > MOST) links.push(make("li", {}, make("a", { href: `${root}notes/wiki/explore.html?type=${encodeURIComponent(name)}` }, say("more", { n: all.length }))));
      return all[0] === undefined ? "" : make("details", { open: wiki.pages[here]?.[2] === type }, make("summary", {}, `${plural} (${all.length})`), make("ul", {}, ...links));
    });
    const list = make("div", {}, ...groups);
    box.append(list);
    const current = [...list.querySelectorAll("a")].find(({ href }) => wiki.find(href) === here);
    current?.setAttribute("aria-current", "page");
    if (current) list.scrollTop = current.offsetTop - list.offsetTop - 80;
  }

  box.ontoggle = () => {
    keep("all-pages", box.open ? "open" : "");
    if (box.open && !box.querySelector("div")) void fill();
  };
  box.open = recall("all-pages") === "open" && innerWidth > 960;
})();
