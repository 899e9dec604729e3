// Types of generated data and of shared functions. Only the type checker reads this file.

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
  /** Returns the note of a page, such as `workflow/QLoRA`, by the page's number. */
  name(page: number): string;
  /** Returns the number of the page whose note is at an address, or -1. A name is an address too. */
  find(url: string): number;
  /** Returns the CSS class of a page's type. */
  slug(page: number): string;
  /** Returns the address of a page's note. */
  url(page: number): string;
  /** Makes a typed link to a page. */
  link(page: number, rel?: string): HTMLAnchorElement;
  /** Returns a page's type, namespace and minutes, and `more` texts, each in a span. */
  facts(page: number, ...more: string[]): HTMLElement[];
  /** Returns the content of a page's card: its facts, title and overview. */
  about(page: number): HTMLElement[];
}

type Storages = "localStorage" | "sessionStorage";

/** An element about which we know more than the type checker. */
interface Part extends Record<string, any> {
  querySelector(selector: string): any;
  oninput(event: any): unknown;
  onclick(event: any): unknown;
  onkeydown(event: any): unknown;
  onpointermove(event: any): unknown;
}

/** boot.js: functions that all scripts share. */
interface Typedwiki {
  /** The address of the site's root, with a trailing slash. */
  root: string;
  /** Makes an element with properties and content. Untyped, like its properties. */
  make(tag: string, properties?: object, ...children: (Node | string)[]): any;
  /** Returns the first element that matches a selector. */
  one(selector: string): Part;
  /** Loads our scripts in order, each once; `words` are their texts. */
  use(...names: string[]): Promise<void>;
  /** Like `use`, but does not wait; a failure is logged as a warning. */
  begin(...names: string[]): Promise<void>;
  /** Loads scripts when an element that matches is about to come into view. */
  whenNear(selector: string, ...scripts: string[]): void;
  /** Returns a text of words.js, in the site's language, with values inserted for their names. */
  say(key: string, values?: Record<string, string | number>): string;
  /** Loads a generated file of the whole site, such as pages.js. */
  data(name: string): Promise<unknown>;
  /** Loads a file of the search index: see index_files in scripts/typedwiki/render/search_index.py. */
  index(name: string): Promise<any>;
  /** The query of the address when the page was opened. */
  asked: URLSearchParams;
  /** The whole wiki, as scripts/typedwiki/pages/site.py describes it. */
  pages(): Promise<Wiki>;
  /** Returns the name of the note at an address, such as `workflow/QLoRA` (`note/x` for one in notes/ itself). The note need not exist. */
  noteAt(url: string): string;
  /** Calls `changed` after each change of the theme. */
  onTheme(changed: () => void): void;
  /** Draws each matching element when it is about to come into view, then marks it as drawn. */
  whenSeen(selector: string, draw: (box: any) => Promise<unknown>): void;
  /** Opens an address after a click; with Ctrl or Command in a new tab. */
  go(url: string, click: MouseEvent): void;
  /** Returns a value stored in this browser; empty if there is none or the browser refuses. */
  recall(key: string, storage?: Storages): string;
  /** Stores a value in this browser. Returns whether that worked. */
  keep(key: string, value: string, storage?: Storages): boolean;
}

/** The words to mark in a text: terms, and runs of letters without spaces. */
interface Wanted {
  terms: Set<string>;
  runs: string[];
}

/** terms.js: the rules of scripts/typedwiki/render/search_terms.py, and equivalent words. */
interface Terms {
  /** Matches a run of letters without spaces, or a word with the characters that join it to others. Global, for `match` and `matchAll`. */
  token: RegExp;
  /** Sets the language, which determines the endings. */
  speak(language: string): void;
  /** Returns whether a word is a stop word, which a hit may lack. */
  small(word: string): boolean;
  /** Returns whether a token is a run of letters of a script without spaces between words. */
  isRun(text: string): boolean;
  /** Returns a text without accents, case and other differences that people do not type. */
  fold(text: string): string;
  /** Returns a token's spelling if it has characters besides its words; otherwise an empty string. */
  spelling(token: string): string;
  /** Returns the words of a token and their offsets. Camel case is not split. */
  parts(token: string): [string, number][];
  /** Splits a word in camel case. */
  humps(word: string): string[];
  /** Returns all pairs of adjacent letters. */
  pairs(text: string): string[];
  /** Returns a word without its longest ending. */
  root(word: string): string;
  /** Returns whether two words differ only in their endings. */
  sameWord(word: string, other: string): boolean;
  /**
   * Returns the minimum number of edits (a letter added, left out or changed, two neighbours swapped) that make a
   * word a prefix of the other; a number above `most` if it takes more.
   */
  edits(word: string, other: string, most: number): number;
  /** Returns corrections of a word with a typing error, the nearest first: see _vocabulary in search_index.py. */
  near(word: string, vocabulary: string[][]): string[];
  /** Returns the start and end of each mark in a text. */
  marks(text: string, found: Wanted): [number, number][];
  /** Returns the tokens of a query, its phrases as folded words, and the tokens that hits must not have. */
  parse(query: string): { tokens: string[]; phrases: string[][]; without: string[] };
}

/** The result of one or more words of a query. */
interface Matched {
  /** The score of each page; 0 if it does not match. */
  scores: Float32Array;
  /** Number of pages that match. */
  count: number;
  /** The terms that were found. */
  terms: Set<string>;
  /** The best place of a term: see search_index.py. */
  best: number;
  /** The correction that was searched for, if any. */
  meant: string;
  text?: string;
  runs?: string[];
}

interface Asked {
  /** Pages by their number in the index, best first: those with all words before those that lack some. */
  hits: number[];
  /** Returns whether a page has all words. */
  isWhole(page: number): boolean;
  /** Returns the words of the query that a page does not have. */
  lacks(page: number): string[];
  /** Words and their corrections. */
  meant: [from: string, to: string][];
  /** Words that no page has. */
  unknown: string[];
  words: Wanted;
}

/** postings.js */
interface Indexed {
  /** Returns the value of a key in a map, made if it is missing. */
  kept<K, V>(map: Map<K, V>, key: K, make: () => V): V;
  /** Returns the terms that begin with a text, and their postings, from at most `most` files. */
  beginning(start: string, most: number): Promise<[term: string, postings: string][]>;
  /** Returns the postings of a term. */
  exact(term: string): Promise<string>;
  /** Returns note, title, type, namespace and overview of a page. */
  face(page: number): Promise<string[]>;
  /** Returns the sections of a page: anchor, heading, text and code. */
  texts(page: number): Promise<string[][]>;
  /** Returns page and place of each posting: see _encoded in search_index.py. The arrays are longer than `count`, and valid until the next call. */
  decoded(postings: string): { pages: Uint32Array; codes: Uint8Array; count: number };
  /** Returns the pages with a score and at least `least` words: most words first, then highest score, then in order. */
  ranked(scores: Float32Array, have: Uint8Array, least: number): number[];
  /** Returns those of the best pages that have the phrases, which are folded words. */
  withPhrases(hits: number[], phrases: string[][]): Promise<number[]>;
  /** Returns the words for spelling correction: see _vocabulary in search_index.py. */
  vocabulary(): Promise<string[][]>;
}

/** excerpt.js */
interface Excerpt {
  /** Returns the address of a note, or of a section of it, that marks the words of a query. */
  address(name: string, query: string, anchor?: string): string;
  /** Adds the best excerpts of a page to an item of the dialog, once they are loaded. */
  add(item: any, page: number, query: string, words: Wanted): Promise<void>;
}

/** find.js */
interface Find {
  ask(query: string): Promise<Asked>;
  /** Returns the pages with the most similar titles, for a query without hits. */
  nearest(query: string): Promise<number[]>;
  /** Returns a text with marks. */
  marked(text: string, found?: Wanted): (Node | string)[];
}

/** A facet by which pages can be filtered. */
interface Facet {
  key: string;
  /** Each value as in addresses, and as shown to readers. */
  values: string[][];
  /** The values of each page, as indexes into `values`. */
  of: number[][];
}

/** facets.js. The view is the query of the address: values by facet, `q` the text, `sort` the order. */
interface Facets {
  /** Returns the facets; `today`, in milliseconds, determines ages. */
  facets(wiki: WikiData, today: number): Facet[];
  /** Sort keys, ascending. */
  orders: Record<string, (page: PageData) => number>;
  /**
   * Returns the pages that have one of the chosen values of each facet and, if there are scores, a score: in the
   * view's order, or else by score, or else in their own order. Also returns how many pages each value of each
   * facet has, or would add, with all other facets and the text unchanged.
   */
  show(wiki: WikiData, facets: Facet[], view: URLSearchParams, scores?: Float32Array): { pages: number[]; counts: number[][] };
}

/** See layers in scripts/typedwiki/pages/overview.py. */
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

/** Fills a tree with the outline of a wiki. Calls `met` with the page of each item that gets the focus. */
type Outline = (tree: Part, wiki: Wiki, layers: LayersData, met: (page?: number) => void) => void;

/** What is seen of a drawing: the part of vis-network's interface that titles need. */
interface Seen {
  getScale(): number;
  DOMtoCanvas(point: { x: number; y: number }): { x: number; y: number };
}

/** picture.js: draws titles at their positions, the most important first, in boxes of a size or beside all `boxes`. */
type Titles = (context: CanvasRenderingContext2D, network: Seen, stage: Part, box: number[], titles: [title: string, x: number, y: number, colour?: string][], font?: number, boxes?: number[][]) => void;
type Colours = (wiki: Wiki) => string[];
type Outer = (frame: ReturnType<Frame>) => [left: number, top: number, width: number, height: number];

/** picture.js: draws icons of types around places. */
type Icons = (context: CanvasRenderingContext2D, wiki: Wiki, layers: LayersData, marks: [type: number, x: number, y: number][]) => void;

/** picture.js: returns what the controls of the drawing select; `open` are the clusters that are not collapsed. */
type Selected = (form: HTMLFormElement, wiki: Wiki, layers: LayersData, open: Set<number>) => {
  /** Returns the node that shows a page, if any. */
  node(page: number): number | undefined;
  /** Down and up: the neighbours of each page. */
  near: number[][][];
  /** Lines between nodes; the width tells how many edges a line stands for. */
  lines: { id: string; from: number; to: number; width: number }[];
  shown: number[];
  /** Pages that are nodes, those with most connections first. */
  byDegree: number[];
};

/** Returns label, left, top, width and height of a node's box. */
type Frame = (node: number) => [label: string, left: number, top: number, width: number, height: number];

/** network.js: replaces the picture by a drawing to move in. `point` highlights a page. */
type Network = (wiki: Wiki, layers: LayersData, frame: Frame, fontSize: (node: number) => number) => { point(page?: number): void };

/** vis-network, as in pyvis: https://visjs.github.io/vis-network/docs. */
declare const vis: {
  DataSet: new (items?: object[]) => VisItems;
  Network: new (stage: Element, data: object, options: object) => VisNetwork;
};
interface VisItems extends Record<string, any> {
  map<T>(each: (item: any) => T): T[];
}
interface VisNetwork extends Record<string, any>, Seen {
  on(event: string, react: (event: any) => unknown): void;
}

/**
 * Draws a graph in an element. The groups of nodes are slugs of types; edges leave nodes in the given direction.
 */
type Drawing = (
  stage: any, types: string[], nodes: VisItems, edges: VisItems, direction: "horizontal" | "vertical",
) => VisNetwork;

/** mermaid.js, as in Quarto. */
declare const mermaid: any;

/** plotly.js, as in the plotly package. */
declare const Plotly: any;

interface Window {
  typedwikiIndex: Record<string, any>;
  typedwikiPages: WikiData;
  typedwikiLayers: LayersData;
  /** HTML of the items of long lists, by file name. */
  typedwikiRows: Record<string, string[]>;
  typedwikiWords: Record<string, string | boolean> & { months: string[] };
}
