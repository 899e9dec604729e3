-- Converts other tools' Markdown that pandoc misreads, by type of node. Runs before
-- sanitising; scripts/typedwiki/text/flavours.py makes the changes to the text.

local M = {}

local quarto = { note = true, tip = true, warning = true, important = true, caution = true }

--- Quarto's callout by name in lower case: CALLOUTS in scripts/typedwiki/text/directives.py.
M.callouts = {}
for kind, names in pairs({
  note = "note abstract bug-report cite definition details example exercise faq help info margin-note proof question"
    .. " quote seealso solution spoiler summary theorem tldr todo topic lemma remark corollary",
  tip = "tip check done hint secondary success",
  warning = "warning attention danger bug error fail failure missing deprecated versionremoved",
  important = "important versionadded versionchanged",
  caution = "caution",
}) do
  for name in names:gmatch("%S+") do M.callouts[name] = kind end
end

local titles = { faq = "FAQ", tldr = "TL;DR", todo = "To do", seealso = "See also" }

--- Returns the default title of a callout; nil if Quarto's own title says the same.
local function default_title(name)
  if quarto[name] then return nil end
  return titles[name] or (name:sub(1, 1):upper() .. name:sub(2):gsub("-", " "))
end

--- Returns the inlines of the first line, and those after it.
local function first_line(inlines)
  for i, inline in ipairs(inlines) do
    if inline.t == "SoftBreak" or inline.t == "LineBreak" then
      local rest = pandoc.Inlines({})
      for j = i + 1, #inlines do rest:insert(inlines[j]) end
      return pandoc.Inlines({ table.unpack(inlines, 1, i - 1) }), rest
    end
  end
  return inlines, pandoc.Inlines({})
end

--- Converts `> [!note]- Title`, the syntax of GitHub, GitLab and Obsidian.
local function callout(quote)
  local first = quote.content[1]
  if not first or (first.t ~= "Para" and first.t ~= "Plain") then return nil end
  local title, rest = first_line(first.content)
  if not title[1] or title[1].t ~= "Str" then return nil end
  local name, fold = title[1].text:match("^%[!([%a-]+)|?[^%]]*%]([-+]?)$")
  if not name then return nil end
  name = name:lower()
  title:remove(1)
  while title[1] and title[1].t == "Space" do title:remove(1) end
  local shown = default_title(name)
  if #title == 0 and shown then title = pandoc.Inlines(shown) end
  local attributes = fold ~= "" and { collapse = fold == "-" and "true" or "false" } or {}
  local blocks = pandoc.Blocks({})
  if #title > 0 then blocks:insert(pandoc.Header(2, title)) end
  if #rest > 0 then blocks:insert(pandoc.Para(rest)) end
  for i = 2, #quote.content do blocks:insert(quote.content[i]) end
  return pandoc.Div(blocks, pandoc.Attr("", { "callout-" .. (M.callouts[name] or "note") }, attributes))
end

local contents = { ["[TOC]"] = true, ["[[TOC]]"] = true, ["[[_TOC_]]"] = true, ["_TOC_"] = true, ["${TOC}"] = true }

--- Removes a paragraph that only requests a table of contents, which every note has.
local function table_of_contents(para)
  local only = para.content[1]
  if #para.content ~= 1 or (only.t ~= "Str" and only.t ~= "Link") then return nil end
  if only.t == "Link" and not only.classes:includes("wikilink") then return nil end
  local text = pandoc.utils.stringify(only):upper()
  if only.t == "Link" then text = "[[" .. text .. "]]" end
  if contents[text] then return {} end
end

--- Removes an HTML comment, unless it is Quarto's own.
local function comment(raw)
  if raw.format:match("^html") and raw.text:match("^%s*<!%-%-.*%-%->%s*$") and not raw.text:match("^%s*<!%-%- quarto%-") then
    return {}
  end
end

M.rows = { BlockQuote = callout, Para = table_of_contents, RawBlock = comment, RawInline = comment }

function M.blocks(blocks)
  return blocks:walk(M.rows)
end

return M
