// Types of what generated scripts hold and of what scripts share. Read by the type checker alone.

/** See pages_js in scripts/typedwiki/pages/data.py. */
type PageData = [
  stem: string, title: string, type: number, overview: string, namespace: number, domains: number[],
  environments: number[], heuristics: number[], problems: number, date: string, edges: number, minutes: number, byTitle: number,
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
  /** Loads scripts of ours, one after the other, each once. */
  use(...names: string[]): Promise<void>;
  /** Loads a generated file of the whole site, such as pages.js. */
  data(name: string): Promise<unknown>;
  /** The whole wiki, as scripts/typedwiki/pages/data.py describes it. */
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

/** All words of the wiki. A place is twice a page's number, one more if the word is in its title. */
interface WordIndex {
  words: Map<string, number[]>;
  /** How many words each title has. */
  titles: number[];
}

/** match.js */
interface Match {
  /** The words of a text as they are compared: without accents and case. */
  words(text: string): string[];
  /** Adds the next page. */
  add(index: WordIndex, title: string, overview: string): void;
  /**
   * The fewest edits (a letter added, left out or changed, two neighbours swapped) that make a word the
   * beginning of the other; a number above `most` where it takes more.
   */
  edits(word: string, other: string, most: number): number;
  /**
   * A score for each page, 0 where one of the query's words is not found; no scores for a query without
   * words. A title counts more than an overview, a word more than its beginning, that more than its
   * inside. `meant` is the query's words, unknown ones replaced by the nearest.
   */
  find(index: WordIndex, query: string): { scores?: Float32Array; meant: string };
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

/** What we use of pagefind.js: https://pagefind.app/docs/api. */
interface Pagefind {
  mergeIndex(address: string): Promise<unknown>;
  destroy(): Promise<unknown>;
  filters(): Promise<unknown>;
  search(term: string, options: { filters: Record<string, string> }): Promise<{
    results: { data(): Promise<Hit> }[];
    /** Notes of each value of each filter. */
    filters: Record<string, Record<string, number>>;
  }>;
}

/** A note that a search has found; see _stub in scripts/typedwiki/search/fulltext.py. Excerpts are HTML. */
interface Hit {
  raw_url: string;
  excerpt: string;
  meta: Record<string, string | undefined>;
  sub_results: { title: string; url: string; excerpt: string }[];
}

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

/** plotly.js, as the plotly package carries it. */
declare const Plotly: any;

interface Window {
  typedwikiPages: WikiData;
  typedwikiLayers: LayersData;
}
