// Types of what generated scripts hold and of what scripts share. Read by the type checker alone.

/** See pages_js in scripts/typedwiki/pages/site.py. */
type PageData = [
  stem: string, title: string, type: number, overview: string, namespace: number, domains: number[],
  environments: number[], heuristics: number[], problems: number, date: string, edges: number, minutes: number, byTitle: number,
  deprecated?: number,
];

interface WikiData {
  types: [slug: string, name: string, plural: string][];
  namespaces: string[];
  domains: string[];
  pages: PageData[];
  paths: number[][];
}

interface Wiki extends WikiData {
  /** The note of a page, such as `workflow/QLoRA`, by the page's number. */
  name(page: number): string;
  /** The number of the page whose note is at an address, -1 for none. A name is an address too. */
  find(url: string): number;
  /** The class of a page's type. */
  slug(page: number): string;
  /** The address of a page's note. */
  url(page: number): string;
  /** A typed link to a page. */
  link(page: number, rel?: string): HTMLAnchorElement;
  /** Type, namespace and minutes of a page, and what else is to be said, each in a span. */
  facts(page: number, ...more: string[]): HTMLElement[];
  /** What a card says of a page: its facts, title and overview. */
  about(page: number): HTMLElement[];
}

type Storages = "localStorage" | "sessionStorage";

/** An element that we know more of than the type checker can. */
interface Part extends Record<string, any> {
  querySelector(selector: string): any;
  oninput(event: any): unknown;
  onclick(event: any): unknown;
  onkeydown(event: any): unknown;
  onpointermove(event: any): unknown;
}

/** boot.js: what all scripts share. */
interface Typedwiki {
  /** The address of the site's root, with a slash at its end. */
  root: string;
  /** An element with properties and content. Untyped, as its properties are. */
  make(tag: string, properties?: object, ...children: (Node | string)[]): any;
  /** The first element that a selector names. */
  one(selector: string): Part;
  /** Loads scripts of ours, one after the other, each once; `words` are what they say. */
  use(...names: string[]): Promise<void>;
  /** Like `use`, for who does not wait for it: a failure is a warning in the console. */
  begin(...names: string[]): Promise<void>;
  /** Loads these scripts once one of some elements is about to come into view. */
  whenNear(selector: string, ...scripts: string[]): void;
  /** What the site says in its language: a text of words.js, with values in the place of their names. */
  say(key: string, values?: Record<string, string | number>): string;
  /** Loads a generated file of the whole site, such as pages.js. */
  data(name: string): Promise<unknown>;
  /** A file of the search index by its name: see index_files in scripts/typedwiki/render/search_index.py. */
  index(name: string): Promise<any>;
  /** The query of the address when the page was opened. */
  asked: URLSearchParams;
  /** The whole wiki, as scripts/typedwiki/pages/site.py describes it. */
  pages(): Promise<Wiki>;
  /** The name of the note at an address, such as `workflow/QLoRA` (`note/x` for one in notes/ itself), or of whatever has its shape. */
  noteAt(url: string): string;
  /** Calls back after the theme has changed. */
  onTheme(changed: () => void): void;
  /** Draws each of some elements once it is about to come into view, and then marks it as drawn. */
  whenSeen(selector: string, draw: (box: any) => Promise<unknown>): void;
  /** Opens an address after a click: with Ctrl or Command in a new tab. */
  go(url: string, click: MouseEvent): void;
  /** What this browser remembers: nothing if it refuses to. */
  recall(key: string, storage?: Storages): string;
  /** Whether the browser will remember it. */
  keep(key: string, value: string, storage?: Storages): boolean;
}

/** Which words of a text to mark: terms, and runs of letters without spaces. */
interface Wanted {
  terms: Set<string>;
  runs: string[];
}

/** terms.js: the rules of scripts/typedwiki/render/search_terms.py, and which words mean the same. */
interface Terms {
  /** A run of letters without spaces, or a word with whatever joins it to others. Global: for `match` and `matchAll`. */
  token: RegExp;
  /** Sets the language, whose endings make forms of one word. */
  speak(language: string): void;
  /** Whether a word says nothing by itself: a hit may lack it. */
  small(word: string): boolean;
  /** Whether a token is a run of letters of a script without spaces between words. */
  isRun(text: string): boolean;
  /** A text without accents, case and other differences that people do not type. */
  fold(text: string): string;
  /** A token as it is spelled, if there is more to it than its words; else an empty text. */
  spelling(token: string): string;
  /** The words of a token, and where they begin; humps stay together. */
  parts(token: string): [string, number][];
  /** The humps of a word in camel case. */
  humps(word: string): string[];
  /** Each two neighbouring letters. */
  pairs(text: string): string[];
  /** A word without its longest ending. */
  root(word: string): string;
  /** Whether two words differ in their endings alone. */
  sameWord(word: string, other: string): boolean;
  /**
   * The fewest edits (a letter added, left out or changed, two neighbours swapped) that make a word the
   * beginning of the other; a number above `most` where it takes more.
   */
  edits(word: string, other: string, most: number): number;
  /** The words that one with a typing error may be meant to be, the nearest first: see _vocabulary in index.py. */
  near(word: string, vocabulary: string[]): string[];
  /** Where in a text there is something to mark, from and to. */
  marks(text: string, found: Wanted): [number, number][];
}

/** What a word or more of a query has found. */
interface Matched {
  /** Scores by page. */
  pages: Map<number, number>;
  /** What of the text was found. */
  terms: Set<string>;
  /** The best place: see index.py. */
  best: number;
  /** What the word was taken for, if not for itself. */
  meant: string;
  text?: string;
  runs?: string[];
}

interface Hit {
  /** By its number in the index. */
  page: number;
  score: number;
  /** Words of the query that the page does not have. */
  lacks: string[];
}

interface Asked {
  /** Best first: those that have all words before those that lack some. */
  hits: Hit[];
  /** How many have all words. */
  whole: number;
  /** Words that were taken for others. */
  meant: [from: string, to: string][];
  /** Words that no page has. */
  unknown: string[];
  words: Wanted;
}

/** postings.js */
interface Indexed {
  /** What a map has for a key, made where it has nothing. */
  kept<K, V>(map: Map<K, V>, key: K, make: () => V): V;
  /** Terms that begin with a text and where they stand, from so many files at most. */
  beginning(start: string, most: number): Promise<[term: string, postings: string][]>;
  /** Where a term stands. */
  exact(term: string): Promise<string>;
  /** Note, title, type, namespace and overview of a page. */
  face(page: number): Promise<string[]>;
  /** The sections of a page: anchor, heading, text and code. */
  texts(page: number): Promise<string[][]>;
  /** Page and place of each posting: see _encoded in index.py. */
  decoded(postings: string): [page: number, code: number][];
}

/** excerpt.js */
interface Excerpt {
  /** The address of a note, or of a section of it, that marks the words of a query. */
  address(name: string, query: string, anchor?: string): string;
  /** Adds to an item of the dialog what fits best of its page, once that is read. */
  add(item: any, page: number, query: string, words: Wanted): Promise<void>;
}

/** find.js */
interface Find {
  ask(query: string): Promise<Asked>;
  /** Pages whose titles are the nearest to a query that nothing has. */
  nearest(query: string): Promise<number[]>;
  /** A text with marks. */
  marked(text: string, found?: Wanted): (Node | string)[];
}

/** What pages can be filtered by. */
interface Facet {
  key: string;
  /** As addresses hold it, and as people read it. */
  values: string[][];
  /** The values of each page, by their place. */
  of: number[][];
}

/** facets.js. The view is the query of the address: values by facet, `q` the text, `sort` the order. */
interface Facets {
  /** With ages at a time in milliseconds. */
  facets(wiki: WikiData, today: number): Facet[];
  /** What to sort by, ascending. */
  orders: Record<string, (page: PageData) => number>;
  /**
   * The pages that have one of the chosen values of each facet and, if there are scores, a score: in the
   * view's order, else by score, else as they were. And how many pages each value of each facet has, or
   * would add, all other facets and the text being as they are.
   */
  show(wiki: WikiData, facets: Facet[], view: URLSearchParams, scores?: Float32Array): { pages: number[]; counts: number[][] };
}

/** See layers_js in scripts/typedwiki/pages/overview.py. */
interface LayersData {
  x: number[];
  y: number[];
  edges: [label: string, down: boolean, pairs: number[]][];
  types: [rank: number, icon: string][];
  clusters: [name: string, left: number, top: number, width: number, height: number][];
  cluster: number[];
  roots: Root[];
}

/** A page, or a group with its name. */
type Root = number | [label: string, inside: Root[]];
type Branch = [root: Root, word?: string];

/** Fills a tree with the outline of a wiki; calls back with the page of each item that gets the focus. */
type Outline = (tree: Part, wiki: Wiki, layers: LayersData, met: (page?: number) => void) => void;

/** Draws titles, of which each has a place, the most important first; `box` is the width of a page's box. */
type Titles = (context: CanvasRenderingContext2D, network: VisNetwork, stage: Part, box: number, titles: [string, number, number][]) => void;

/** vis-network, as pyvis carries it: https://visjs.github.io/vis-network/docs. */
declare const vis: {
  DataSet: new (items?: object[]) => VisItems;
  Network: new (stage: Element, data: object, options: object) => VisNetwork;
};
interface VisItems extends Record<string, any> {
  map<T>(each: (item: any) => T): T[];
}
interface VisNetwork extends Record<string, any> {
  on(event: string, react: (event: any) => unknown): void;
}

/**
 * Draws a graph in an element. The groups of nodes are slugs of types; lines leave nodes in the direction.
 */
type Drawing = (
  stage: any, types: string[], nodes: VisItems, edges: VisItems, direction: "horizontal" | "vertical",
) => VisNetwork;

/** mermaid.js, as Quarto carries it. */
declare const mermaid: any;

/** plotly.js, as the plotly package carries it. */
declare const Plotly: any;

interface Window {
  typedwikiIndex: Record<string, any>;
  typedwikiPages: WikiData;
  typedwikiLayers: LayersData;
  /** HTML of the items of long lists, by the name of their file. */
  typedwikiRows: Record<string, string[]>;
  typedwikiWords: Record<string, string | boolean>;
}
