-- Converts notes to HTML bodies, many in one process: run with `pandoc lua bodies.lua READER SHELL DEPTH`.
-- Standard input names a .qmd per line; standard output answers each with one line: its name as JSON, a
-- separator (U+001E), and an object of the parts of a page: title, pagetitle, subtitle, description,
-- categories, aliases, modified, contents (a list), body. SHELL is `draft`, which is close to Quarto's
-- output for the same Markdown, or `quarto`, which is equal to it (see quarto.lua).

local reader, shell, depth = arg[1], arg[2] or "draft", tonumber(arg[3] or 3)
local here = arg[0]:gsub("[^/\\]*$", "")
local figures = dofile(here .. "figures.lua")
local note = dofile(here .. "load.lua")(here)
local quarto_html = dofile(here .. "quarto.lua")

-- All parts are written at once, because each call costs a millisecond.
local separator = pandoc.RawBlock("html", "\31")
local SEPARATED = "^(.-)\n?\31\n?(.-)\n?\31\n?(.-)\n?\31\n?(.*)$"
local options = pandoc.WriterOptions({
  html_math_method = "mathml",
  section_divs = true,
  wrap_text = "none",
  toc_depth = depth,
})

local reading = pandoc.ReaderOptions({ columns = 72 }) -- pandoc's default, which determines the widths of columns

-- Renamed in pandoc 3.8.
if not pcall(function() options.highlight_method = "default" end) then
  options.highlight_style = "pygments"
end

local CALLOUTS = { note = "Note", tip = "Tip", warning = "Warning", important = "Important", caution = "Caution" }

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }

--- Shows the source of a former cell. The site's script draws diagrams.
local function code_block(block)
  if block.classes:includes("mermaid") and block.classes:includes("tw-cell") then
    return pandoc.RawBlock("html", '<div class="tw-mermaid"><pre>' .. block.text:gsub("[&<>]", ESCAPES) .. "</pre></div>")
  end
  block.classes = block.classes:filter(function(class) return class ~= "tw-cell" end)
  return block
end

--- Writes a callout as an element of its own, or as details if it is collapsible.
local function div(block)
  for name, default in pairs(CALLOUTS) do
    if block.classes:includes("callout-" .. name) then
      local title = pandoc.Inlines(block.attributes.title or default)
      local first = block.content[1]
      if not block.attributes.title and first and first.t == "Header" then
        title = first.content
        block.content:remove(1)
      end
      local body = pandoc.Div(block.content, { class = "callout-body" })
      local fold = block.attributes.collapse
      if fold then
        local open = fold == "false" and " open" or ""
        return {
          pandoc.RawBlock("html", '<details class="callout callout-' .. name .. '"' .. open .. '><summary class="callout-header">'),
          pandoc.Plain(title), pandoc.RawBlock("html", "</summary>"), body, pandoc.RawBlock("html", "</details>"),
        }
      end
      local head = pandoc.Div({ pandoc.Plain(title) }, { class = "callout-header" })
      return pandoc.Div({ head, body }, { class = "callout callout-" .. name, role = "note" })
    end
  end
end

--- Turns links between notes into links between pages.
local function link(inline)
  if not inline.target:match("^%a[%w+.-]*:") then
    inline.target = inline.target:gsub("%.qmd$", ".html"):gsub("%.qmd#", ".html#")
  end
  return inline
end

local function texts(value)
  local list = pandoc.List({})
  for _, item in ipairs(value or {}) do
    list:insert(pandoc.utils.stringify(item))
  end
  return list
end

--- Returns the categories of a generated note, which are plain text for Quarto, written as JSON.
local function categories(text)
  local listed = text:match("^%-%-%-\n.-\ncategories: (%[[^\n]*%])\n")
  local read, found = pcall(pandoc.json.decode, listed, false)
  return listed and read and found or nil
end

--- Returns a value of the metadata as a block without a paragraph of its own.
local function as_plain(value)
  local kind = pandoc.utils.type(value)
  if kind == "Blocks" then value = pandoc.utils.blocks_to_inlines(value) end
  return pandoc.Plain((kind == "Blocks" or kind == "Inlines") and value or pandoc.utils.stringify(value or ""))
end

local function render(path)
  local file = assert(io.open(path, "r"))
  local text = file:read("a")
  file:close()
  local separators
  text, separators = text:gsub("\31", "") -- not allowed in HTML
  local doc = pandoc.read(text, reader, reading)
  if text:find("fig-", 1, true) or text:find("tw-source", 1, true) then -- walking the document is slow
    doc = figures.draft(doc)
  end
  local side = io.open(path .. ".json", "r") -- data that the prebuild resolved for a hand-written note
  if side then
    doc = note.complete_by_hand(doc, pandoc.json.decode(side:read("a"), false))
    side:close()
  end
  doc = note.complete(doc, function() return text end) or doc
  if text:find("\u{e000}", 1, true) then doc = note.unmarked(doc) end -- before code is highlighted
  local meta = doc.meta
  local function holds(what) return side or text:find(what, 1, true) end
  local odd, uses
  if shell == "quarto" then
    doc, odd, uses = quarto_html.blocks(doc, holds)
    if odd or separators > 0 then
      return { odd = odd or "a control character" }
    end
  else -- only handlers that the note needs, because each is called for every element of its type
    doc = doc:walk({
      CodeBlock = holds("tw-cell") and code_block or nil,
      Div = (holds("callout") or holds("[!")) and div or nil,
      Link = holds(".qmd") and link or nil,
    })
  end
  local parts = {}
  local contents = pandoc.structure.table_of_contents(doc.blocks, options)
  local blocks = pandoc.Blocks({ as_plain(meta.title), separator, as_plain(meta.subtitle), separator })
  if #contents.content > 0 then blocks:insert(contents) end
  blocks:insert(separator)
  blocks:extend(doc.blocks)
  local html = pandoc.write(pandoc.Pandoc(blocks), "html", options)
  parts.title, parts.subtitle, parts.contents, parts.body = html:match(SEPARATED)
  if shell == "quarto" and uses.raw and not quarto_html.sound(parts.body) then
    return { odd = "elements that are not closed" }
  end
  if shell == "quarto" then
    parts.highlighted = parts.body:find('<div class="sourceCode"', 1, true) ~= nil
    parts.body, parts.notes = quarto_html.html(parts.body)
    parts.contents = depth > 0 and quarto_html.contents(parts.contents, depth) or ""
    parts.uses = uses
  end
  for name, html in pairs(parts) do
    if type(html) == "string" then parts[name] = html:gsub("\u{e000}", "") end
  end
  parts.pagetitle = pandoc.utils.stringify(meta.title or "")
  parts.description = pandoc.utils.stringify(meta["description-meta"] or "")
  parts.image = pandoc.utils.stringify(meta.image or "")
  parts.categories = categories(text) or texts(meta.categories)
  parts.aliases = texts(meta.aliases)
  parts.modified = pandoc.utils.stringify(meta["date-modified"] or "")
  return parts
end

for path in io.lines() do
  io.write(pandoc.json.encode(path), "\30", pandoc.json.encode(render(path)), "\n")
  io.flush()
end
