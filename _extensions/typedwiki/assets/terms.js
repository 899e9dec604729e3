// @ts-check
// Splits text into search terms by the rules of scripts/typedwiki/render/search_terms.py, and finds equivalent words:
// inflected forms, and words with a typing error.

/** @type {Terms} */
const typedwikiTerms = (() => {
  const unspaced = "\\u0e00-\\u0eff\\u1000-\\u109f\\u1100-\\u11ff\\u1780-\\u17ff\\u3005-\\u3007\\u3040-\\u30ff\\u3130-\\u318f\\u31f0-\\u31ff"
    + "\\u3400-\\u4dbf\\u4e00-\\u9fff\\ua960-\\ua97f\\uac00-\\ud7ff\\uf900-\\ufaff\\uff66-\\uff9f\\u{20000}-\\u{3ffff}";
  const marks = "\\u0300-\\u036f\\u0591-\\u05c7\\u0640\\u064b-\\u065f\\u0670";
  const letter = `(?:(?![${unspaced}])[\\p{L}\\p{N}_${marks}\\u0900-\\u0963\\u0966-\\u0df3])`;
  const token = new RegExp(`[${unspaced}]+|(?:(?<![\\p{L}\\p{N}_.$@#%*\\-])(?:--?|\\*\\*|[.$@#%]))?${letter}+`
    + `(?:(?:\\(\\)\\.|::|->|[.\\/\\-])${letter}+)*(?:\\+\\+|#)?`, "gu");
  const run = new RegExp(`^[${unspaced}]`, "u");
  const folded = new RegExp(`[${marks}]`, "gu");
  const part = new RegExp(`(?:(?!_)${letter})+`, "gu");
  /** @type {Record<string, string>} */
  const letters = { ß: "ss", ø: "o", æ: "ae", œ: "oe", ł: "l", đ: "d", ı: "i", ى: "ي", ة: "ه" };

  /** Inflectional endings by language, without accents. @type {Record<string, string>} */
  const endings = {
    en: "e s es d ed ing r er ers rs or ors y ies ied ily ly al ally ion ions ation ations ive able ize izes ized izing ment ments",
    de: "e en er ern em es s n nen t te ten st ung ungen lich liche lichen isch ische ischen in innen heit heiten keit keiten",
    fr: "s x e es ee ees er ez ent ant aux al ale ales ement ation ations eur eurs euse if ive ifs ives ie ite ites",
    es: "s es o a os as ar er ir ando iendo ado ada ados adas cion ciones mente z ces",
    it: "o a i e are ere ire ando endo ato ata ati ate zione zioni mente chi che ci",
    pt: "s es o a os as ar er ir ando endo ado ada ados adas cao coes mente is l",
    nl: "e en s er ers t te ten ing ingen heid heden lijk lijke je jes",
    sv: "a ar en et er ar or n s na arna erna orna ade at ande ning ningar het",
    da: "e en et er erne s ede ende ning ninger hed",
    ru: "а я ы и у ю е о ои еи ом ем ов ев ам ям ами ями ах ях ия ии ию ыи ая ое ые ого ому ым ых ть л ла ли ет ут ение ения ь",
  };
  endings.nb = endings.no = endings.da;
  const small = new Set(("a an and are as at be by can do does for from how i in is it my of on or that the this to use using what when where which why with "
    + "der die das und ist ein eine im wie mit von zu le la les de des du un une et est en el los las y il").split(" "));
  /** @type {Set<string>} */
  let ends = new Set();

  /** @type {Terms} */
  const rules = {
    token,
    speak: (language) => { ends = new Set(["", ...(endings[language.slice(0, 2)] ?? "").split(" ")]); },
    small: (word) => small.has(word),
    isRun: (text) => run.test(text),

    fold: (text) => text.normalize("NFKD").replace(folded, "").normalize("NFC").toLowerCase()
      .replace(/[ßøæœłđıىة]/g, (found) => letters[found]).replace(/^(?:[وفبك]?ال|لل)(?=..)/, ""),

    spelling(text) {
      const spelled = rules.fold(text).replaceAll("()", "");
      return /[\p{L}\p{N}][_.:>/#+-]|^[^\p{L}\p{N}_]/u.test(spelled) && !run.test(spelled) ? spelled : "";
    },

    parts: (text) => [...text.matchAll(part)].map(({ 0: found, index }) => [found, index ?? 0]),
    humps: (word) => /^[\x20-\x7e]*$/.test(word) ? word.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g) ?? [] : [],
    pairs: (text) => text.length < 2 ? [text] : Array.from({ length: text.length - 1 }, (_, i) => text.slice(i, i + 2)),

    root(word) {
      let least = word.length;
      for (const end of ends) if (word.endsWith(end) && word.length - end.length > 2) least = Math.min(least, word.length - end.length);
      return word.slice(0, least);
    },

    sameWord(word, other) {
      let same = 0;
      while (same < word.length && word[same] === other[same]) same++;
      // A doubled letter belongs to the ending: run, running.
      const ending = (/** @type {string} */ text) => ends.has(text) || (text[0] === word[same - 1] && ends.has(text.slice(1)));
      const [a, b] = [word.slice(same), other.slice(same)];
      // An ending longer than what it is added to is another word: page, pagation.
      return same > 2 && Math.max(a.length, b.length) <= same + 1 && ending(a) && ending(b);
    },

    edits(word, other, most) {
      let same = 0;
      while (same < word.length && word[same] === other[same]) same++;
      if (same === word.length) return 0;
      if (!most) return 1;
      const [a, b] = [word.slice(same), other.slice(same)];
      const ways = [[a.slice(1), b.slice(1)], [a.slice(1), b], [a, b.slice(1)]];
      if (a[0] === b[1] && a[1] === b[0]) ways.push([a.slice(2), b.slice(2)]);
      return 1 + Math.min(...ways.map(([a, b]) => rules.edits(a, b, most - 1)));
    },

    near(word, [titled, others]) {
      if (word.length < 4) return [];
      const most = word.length < 9 ? 1 : 2;
      const close = (/** @type {string[]} */ list, /** @type {number} */ edits, /** @type {string} */ end) => list.filter((other) =>
        (end ? Math.abs(other.length - word.length) <= edits : other.length >= word.length - 1)
        // A different first letter is rarely an error, and often another word.
        && (other[0] === word[0] || (edits < 2 && (other[1] === word[0] || other[0] === word[1]))) && rules.edits(word + end, other + end, edits) <= edits);
      for (const [list, edits, end, least] of /** @type {[string[], number, string, number][]} */ ([
        [titled, 1, "\n", 4], [others, 1, "\n", 6], [titled, 1, "", 6], [titled, most, "\n", 9],
      ])) {
        const found = word.length < least ? [] : close(list, edits, end).filter((other) => list !== others || other[0] === word[0]);
        if (found.length) return found.sort((a, b) => Math.abs(a.length - word.length) - Math.abs(b.length - word.length)).slice(0, 4);
      }
      return [];
    },

    parse(query) {
      /** @type {string[][]} */
      const phrases = [];
      /** @type {string[]} */
      const without = [];
      const tokens = (/** @type {string} */ text) => text.match(token) ?? [];
      let rest = query.replace(/["“„]([^"“”„]+)["”“]/g, (_, phrase) => {
        if (tokens(phrase).length) phrases.push(tokens(phrase).map(rules.fold));
        return ` ${phrase} `;
      });
      const bare = rest.replace(/(^|\s)-(?=[\p{L}\p{N}])(\S+)/gu, " ");
      if (tokens(bare).length) {
        for (const [, , text] of rest.matchAll(/(^|\s)-(?=[\p{L}\p{N}])(\S+)/gu)) without.push(...tokens(text));
        rest = bare;
      }
      return { tokens: [...new Set(tokens(rest))], phrases, without };
    },

    marks(text, found) {
      /** @type {[number, number][]} */
      const places = [];
      for (const { 0: whole, index = 0 } of text.matchAll(token)) {
        if (run.test(whole)) {
          for (const wanted of found.runs) {
            for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + wanted.length)) places.push([index + at, index + at + wanted.length]);
          }
        } else if (found.terms.has(rules.spelling(whole))) places.push([index, index + whole.length]);
        else {
          for (const [word, at] of rules.parts(whole)) {
            if (found.terms.has(rules.fold(word))) places.push([index + at, index + at + word.length]);
            else {
              let from = 0;
              const humps = rules.humps(word);
              for (const hump of humps.length > 1 ? humps : []) {
                const start = word.indexOf(hump, from);
                from = start + hump.length;
                if (found.terms.has(hump.toLowerCase()) || found.terms.has(word.slice(start).toLowerCase())) places.push([index + at + start, index + at + (found.terms.has(hump.toLowerCase()) ? from : word.length)]);
              }
            }
          }
        }
      }
      return places.sort((a, b) => a[0] - b[0]).filter(([from], i, all) => !i || from >= all[i - 1][1]);
    },
  };
  return rules;
})();
